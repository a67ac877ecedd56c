FUZZED =	pm2d/engine-line.c pm2d/engine-proto.c \
		pm2d/engine-notify-text.c common/utf8.c
REGRESS_OBJS += regress/fuzz/fuzz_engine_line.o
REGRESS_TESTS += regress/fuzz/fuzz_test
fuzz_test_OBJS = regress/fuzz/fuzz_engine_line.o pm2d/engine-line.o \
		pm2d/engine-proto.o pm2d/engine-notify-text.o

# pm2d.conf(5)
FUZZED_conf =	pm2d/conf-lex.c pm2d/conf-parse.c pm2d/conf-rule.c \
		pm2d/conf-main.c pm2d/conf-words.c pm2d/conf-data.c \
		pm2d/conf-print.c pm2d/verbs.c pm2d/ids.c pm2d/ids-linux.c \
		common/units.c common/sys.c regress/pm2d/confutil.c
REGRESS_OBJS += regress/fuzz/fuzz_conf.o
REGRESS_TESTS += regress/fuzz/fuzz_conf_test
fuzz_conf_test_OBJS = regress/fuzz/fuzz_conf.o regress/pm2d/confutil.o \
		${conflang_OBJS}
