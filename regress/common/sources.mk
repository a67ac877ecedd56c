REGRESS_HELPERS += regress/common/h_child
REGRESS_TESTS += regress/common/home_test
REGRESS_TESTS += regress/common/log_test
REGRESS_TESTS += regress/common/proc_test
REGRESS_TESTS += regress/common/sandbox_test
home_test_OBJS = regress/common/sys_fault.o
proc_test_OBJS = regress/common/sys_fault.o
