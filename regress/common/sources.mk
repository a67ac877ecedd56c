REGRESS_OBJS += regress/common/sys_fault.o
REGRESS_TESTS += regress/common/ibuf_test
REGRESS_TESTS += regress/common/imsg_test
imsg_test_OBJS = regress/common/sys_fault.o
REGRESS_TESTS += regress/common/msg_test
REGRESS_TESTS += regress/common/spec_test
REGRESS_TESTS += regress/common/units_test
REGRESS_TESTS += regress/common/wire_test
