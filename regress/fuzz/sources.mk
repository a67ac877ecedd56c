FUZZED =	pm2d/engine-line.c pm2d/engine-proto.c \
		pm2d/engine-notify-text.c common/utf8.c
REGRESS_OBJS += regress/fuzz/fuzz_engine_line.o
REGRESS_TESTS += regress/fuzz/fuzz_test
fuzz_test_OBJS = regress/fuzz/fuzz_engine_line.o pm2d/engine-line.o \
		pm2d/engine-proto.o pm2d/engine-notify-text.o
REGRESS_OBJS += regress/fuzz/fuzz_envfile.o
REGRESS_TESTS += regress/fuzz/fuzz_envfile_test
fuzz_envfile_test_OBJS = regress/fuzz/fuzz_envfile.o
