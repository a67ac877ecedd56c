REGRESS_TESTS += regress/pm2ctl/termfilter_test
termfilter_test_OBJS = pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/output_test
output_test_OBJS = pm2ctl/termfilter.o pm2ctl/output_buf.o \
	pm2ctl/output_values.o pm2ctl/output_width.o
REGRESS_TESTS += regress/pm2ctl/table_test
table_test_OBJS = pm2ctl/table.o pm2ctl/table_pairs.o pm2ctl/termfilter.o \
	pm2ctl/output_buf.o pm2ctl/output_values.o pm2ctl/output_width.o
REGRESS_TESTS += regress/pm2ctl/inspect_test
inspect_test_OBJS = pm2ctl/inspect.o pm2ctl/termfilter.o \
	pm2ctl/output_buf.o pm2ctl/output_values.o
REGRESS_TESTS += regress/pm2ctl/json_test
json_test_OBJS = pm2ctl/output_json.o pm2ctl/inspect.o \
	pm2ctl/termfilter.o pm2ctl/output_buf.o pm2ctl/output_values.o
REGRESS_TESTS += regress/pm2ctl/options_test
options_test_OBJS = pm2ctl/options.o pm2ctl/options_number.o
REGRESS_TESTS += regress/pm2ctl/select_test
select_test_OBJS = pm2ctl/select.o pm2ctl/path.o pm2ctl/say.o \
	pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/resolve_test
resolve_test_OBJS = pm2ctl/resolve.o pm2ctl/path.o pm2ctl/words.o \
	pm2ctl/mode.o pm2ctl/appspec.o pm2ctl/shellenv.o \
	pm2ctl/custom.o pm2ctl/say.o \
	pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/mode_test
mode_test_OBJS = ${resolve_test_OBJS}
REGRESS_TESTS += regress/pm2ctl/reload_test
reload_test_OBJS = pm2ctl/reload.o pm2ctl/scale.o pm2ctl/message.o \
	pm2ctl/messages.o pm2ctl/progress.o pm2ctl/resolve.o \
	pm2ctl/words.o pm2ctl/apply.o pm2ctl/declare.o pm2ctl/update.o \
	pm2ctl/specdiff.o pm2ctl/start_watch.o pm2ctl/listening-linux.o \
	pm2ctl/appspec.o pm2ctl/shellenv.o pm2ctl/mode.o pm2ctl/custom.o \
	pm2ctl/options.o pm2ctl/options_number.o \
	pm2ctl/procfile.o pm2ctl/procfile-app.o \
	pm2ctl/procfile-args.o pm2ctl/procfile-check.o \
	pm2ctl/procfile-env.o \
	pm2ctl/procfile-js.o pm2ctl/procfile-json.o \
	pm2ctl/procfile-keys.o pm2ctl/procfile-tree.o \
	pm2ctl/procfile-value.o pm2ctl/procfile-yaml.o ${logs_test_OBJS}
REGRESS_TESTS += regress/pm2ctl/client_test
client_test_OBJS = pm2ctl/client.o pm2ctl/say.o pm2ctl/termfilter.o \
	pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/logs_test
logs_test_OBJS = pm2ctl/logs.o pm2ctl/logs_follow.o pm2ctl/logs_tail.o \
	pm2ctl/client.o pm2ctl/say.o pm2ctl/select.o pm2ctl/path.o \
	pm2ctl/output.o pm2ctl/output_buf.o pm2ctl/output_values.o \
	pm2ctl/output_width.o pm2ctl/output_json.o pm2ctl/inspect.o \
	pm2ctl/table.o pm2ctl/table_pairs.o pm2ctl/termfilter.o
REGRESS_SCRIPTS += regress/pm2ctl/man_test regress/pm2ctl/completion_test
REGRESS_TESTS += regress/pm2ctl/why_test
why_test_OBJS = pm2ctl/why.o pm2ctl/logs_follow.o pm2ctl/logs_tail.o \
	pm2ctl/client.o pm2ctl/say.o pm2ctl/select.o pm2ctl/path.o \
	pm2ctl/output.o pm2ctl/output_buf.o pm2ctl/output_values.o \
	pm2ctl/output_width.o pm2ctl/output_json.o pm2ctl/inspect.o \
	pm2ctl/table.o pm2ctl/table_pairs.o pm2ctl/termfilter.o
REGRESS_TESTS += regress/pm2ctl/say_test
say_test_OBJS = pm2ctl/say.o pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/generate_test
generate_test_OBJS = pm2ctl/generate.o pm2ctl/output_json.o \
	pm2ctl/inspect.o pm2ctl/output_values.o pm2ctl/resolve.o \
	pm2ctl/path.o pm2ctl/words.o pm2ctl/mode.o \
	pm2ctl/appspec.o pm2ctl/shellenv.o \
	pm2ctl/custom.o \
	pm2ctl/say.o pm2ctl/termfilter.o pm2ctl/output_buf.o
PROCFILE_TREE_OBJS = pm2ctl/procfile-tree.o pm2ctl/procfile-json.o \
	pm2ctl/procfile-yaml.o pm2ctl/procfile-args.o
PROCFILE_OBJS =	${PROCFILE_TREE_OBJS} pm2ctl/procfile.o \
	pm2ctl/procfile-app.o pm2ctl/procfile-check.o \
	pm2ctl/procfile-env.o \
	pm2ctl/procfile-value.o \
	pm2ctl/procfile-js.o pm2ctl/procfile-keys.o \
	pm2ctl/options.o pm2ctl/options_number.o \
	pm2ctl/resolve.o pm2ctl/path.o pm2ctl/words.o pm2ctl/mode.o \
	pm2ctl/appspec.o pm2ctl/shellenv.o pm2ctl/custom.o pm2ctl/say.o \
	pm2ctl/generate.o pm2ctl/output_json.o pm2ctl/inspect.o \
	pm2ctl/output_values.o pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/procfile_tree_test
procfile_tree_test_OBJS = ${PROCFILE_TREE_OBJS} pm2ctl/output_values.o \
	pm2ctl/termfilter.o pm2ctl/output_buf.o
REGRESS_TESTS += regress/pm2ctl/procfile_test
procfile_test_OBJS = ${PROCFILE_OBJS}
REGRESS_SCRIPTS += regress/pm2ctl/validate_test
REGRESS_TESTS += regress/pm2ctl/specdiff_test
specdiff_test_OBJS = pm2ctl/specdiff.o pm2ctl/termfilter.o pm2ctl/output_buf.o \
	pm2ctl/output_values.o
REGRESS_HELPERS += regress/pm2ctl/h_keys
h_keys_OBJS = ${PROCFILE_OBJS}
DUMP_OBJS =	pm2ctl/dump_read.o pm2ctl/dump_spec.o pm2ctl/dump_match.o \
	pm2ctl/dump_import.o ${PROCFILE_OBJS}
REGRESS_TESTS += regress/pm2ctl/dump_spec_test regress/pm2ctl/dump_read_test
dump_spec_test_OBJS = ${DUMP_OBJS}
dump_read_test_OBJS = ${DUMP_OBJS}
