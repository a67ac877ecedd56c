FUZZED =	pm2d/engine-line.c pm2d/engine-proto.c \
		pm2d/engine-notify-text.c common/utf8.c
REGRESS_OBJS += regress/fuzz/fuzz_engine_line.o
REGRESS_TESTS += regress/fuzz/fuzz_test
fuzz_test_OBJS = regress/fuzz/fuzz_engine_line.o pm2d/engine-line.o \
		pm2d/engine-proto.o pm2d/engine-notify-text.o

# process files
FUZZED_procfile = pm2ctl/procfile-tree.c pm2ctl/procfile-json.c \
		pm2ctl/procfile-yaml.c pm2ctl/procfile-args.c \
		pm2ctl/words.c pm2ctl/output_buf.c pm2ctl/output_values.c \
		pm2ctl/termfilter.c common/utf8.c
REGRESS_OBJS += regress/fuzz/fuzz_procfile.o
REGRESS_TESTS += regress/fuzz/fuzz_procfile_test
fuzz_procfile_test_OBJS = regress/fuzz/fuzz_procfile.o \
		pm2ctl/procfile-tree.o pm2ctl/procfile-json.o \
		pm2ctl/procfile-yaml.o pm2ctl/procfile-args.o pm2ctl/words.o \
		pm2ctl/output_buf.o pm2ctl/output_values.o pm2ctl/termfilter.o
REGRESS_OBJS += regress/fuzz/fuzz_envfile.o
REGRESS_TESTS += regress/fuzz/fuzz_envfile_test
fuzz_envfile_test_OBJS = regress/fuzz/fuzz_envfile.o
# pm2d.conf(5)
FUZZED_conf =	pm2d/conf-lex.c pm2d/conf-parse.c pm2d/conf-rule.c \
		pm2d/conf-main.c pm2d/conf-words.c pm2d/conf-data.c \
		pm2d/conf-print.c pm2d/verbs.c pm2d/ids.c pm2d/ids-linux.c \
		common/units.c common/sys.c regress/pm2d/confutil.c
REGRESS_OBJS += regress/fuzz/fuzz_conf.o
REGRESS_TESTS += regress/fuzz/fuzz_conf_test
fuzz_conf_test_OBJS = regress/fuzz/fuzz_conf.o regress/pm2d/confutil.o \
		${conflang_OBJS}
# patterns of cron_restart and schedule
REGRESS_OBJS += regress/fuzz/fuzz_cron.o
REGRESS_TESTS += regress/fuzz/fuzz_cron_test
fuzz_cron_test_OBJS = regress/fuzz/fuzz_cron.o
# dumps of apps
FUZZED_dump =	${DUMP_OBJS:.o=.c} common/spec.c common/listenspec.c \
		common/healthspec.c common/cron.c common/units.c common/utf8.c \
		common/home.c common/home-path.c common/sys.c \
		common/monotime.c common/msg.c common/log.c
REGRESS_OBJS += regress/fuzz/fuzz_dump.o
REGRESS_TESTS += regress/fuzz/fuzz_dump_test
fuzz_dump_test_OBJS = regress/fuzz/fuzz_dump.o ${DUMP_OBJS}
# answers to health checks, and patterns of watchers
FUZZED_probe =	pm2d/probe-http.c pm2d/watch-glob.c common/healthspec.c
REGRESS_OBJS += regress/fuzz/fuzz_probe.o
REGRESS_TESTS += regress/fuzz/fuzz_probe_test
fuzz_probe_test_OBJS = regress/fuzz/fuzz_probe.o pm2d/probe-http.o \
		pm2d/watch-glob.o
