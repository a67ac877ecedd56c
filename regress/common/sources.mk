REGRESS_OBJS += regress/common/sys_fault.o
REGRESS_TESTS += regress/common/ibuf_test
REGRESS_TESTS += regress/common/imsg_test
imsg_test_OBJS = regress/common/sys_fault.o
REGRESS_TESTS += regress/common/imsgev_test
imsgev_test_OBJS = regress/common/sys_fault.o
REGRESS_TESTS += regress/common/sys_fault_test
sys_fault_test_OBJS = regress/common/sys_fault.o
