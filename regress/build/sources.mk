REGRESS_OBJS += regress/build/sanitizer.o
REGRESS_SCRIPTS += regress/build/hardening_test regress/build/make_test \
		regress/build/shipped_test
