REGRESS_TESTS += regress/common/msg_test
REGRESS_TESTS += regress/common/spec_test
REGRESS_TESTS += regress/common/units_test
REGRESS_TESTS += regress/common/wire_test
