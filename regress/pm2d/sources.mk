REGRESS_TESTS += regress/pm2d/leave_test
leave_test_OBJS = pm2d/leave.o
REGRESS_TESTS += regress/pm2d/reload_queue_test
reload_queue_test_OBJS = pm2d/reload.o
REGRESS_TESTS += regress/pm2d/machine_test
machine_test_OBJS = pm2d/machine.o
REGRESS_TESTS += regress/pm2d/pace_test
pace_test_OBJS = pm2d/pace.o
REGRESS_TESTS += regress/pm2d/perm_test
perm_test_OBJS = pm2d/perm.o pm2d/rules.o
REGRESS_TESTS += regress/pm2d/restart_test
restart_test_OBJS = pm2d/restart.o
REGRESS_TESTS += regress/pm2d/statefile_test
statefile_test_OBJS = pm2d/statefile.o
spawn_OBJS =	pm2d/ids.o pm2d/ids-linux.o pm2d/spawn.o pm2d/spawn-child.o \
		pm2d/spawn-linux.o ${APPBOX_OBJS} regress/pm2d/apputil.o \
		regress/common/sys_fault.o
REGRESS_OBJS += regress/pm2d/apputil.o
REGRESS_HELPERS += regress/pm2d/h_creds
REGRESS_TESTS += regress/pm2d/spawn_test
spawn_test_OBJS = ${spawn_OBJS}
REGRESS_TESTS += regress/pm2d/limits_test
limits_test_OBJS = ${spawn_OBJS} pm2d/applimits.o
REGRESS_TESTS += regress/pm2d/cgroup_limit_test
cgroup_limit_test_OBJS = pm2d/cgroup-limit-linux.o
REGRESS_HELPERS += regress/pm2d/h_box
REGRESS_TESTS += regress/pm2d/box_test
box_test_OBJS = ${spawn_OBJS}
REGRESS_HELPERS += regress/pm2d/h_tree
REGRESS_TESTS += regress/pm2d/tree_test
tree_test_OBJS = ${spawn_OBJS} pm2d/helper.o pm2d/sample.o \
		pm2d/sample-linux.o pm2d/tree.o pm2d/tree-cgroup-linux.o \
		pm2d/tree-walk-linux.o pm2d/cgroup-limit-linux.o
REGRESS_TESTS += regress/pm2d/helper_test
helper_test_OBJS = ${spawn_OBJS} pm2d/helper.o pm2d/helper-jobs.o
REGRESS_TESTS += regress/pm2d/ids_test
ids_test_OBJS = pm2d/ids.o pm2d/ids-linux.o
REGRESS_TESTS += regress/pm2d/sample_test
sample_test_OBJS = pm2d/sample.o pm2d/sample-linux.o
REGRESS_TESTS += regress/pm2d/store_test
store_test_OBJS = pm2d/store.o pm2d/store_read.o pm2d/app.o pm2d/team.o pm2d/run.o \
		pm2d/statefile.o pm2d/machine.o pm2d/restart.o \
		pm2d/helper-jobs.o pm2d/ids.o \
		pm2d/ids-linux.o regress/common/sys_fault.o
store_test_OBJS += pm2d/appspec.o
REGRESS_TESTS += regress/pm2d/report_test
report_test_OBJS = pm2d/report.o
REGRESS_TESTS += regress/pm2d/control_reload_test
control_reload_test_OBJS = pm2d/control_reload.o pm2d/reload.o pm2d/report.o
REGRESS_TESTS += regress/pm2d/parent_test
parent_test_OBJS = regress/pm2d/parentutil.o
REGRESS_OBJS += regress/pm2d/parentutil.o
REGRESS_TESTS += regress/pm2d/update_test
REGRESS_TESTS += regress/pm2d/secret_test
secret_test_OBJS = pm2d/secret.o pm2d/envtab.o pm2d/strvec.o
update_test_OBJS = regress/pm2d/parentutil.o
REGRESS_TESTS += regress/pm2d/listen_policy_test
listen_policy_test_OBJS = pm2d/listen-policy.o pm2d/rules.o
REGRESS_OBJS += regress/pm2d/listenutil.o
listen_OBJS =	pm2d/listen.o pm2d/listen-life.o pm2d/listen-group.o \
		pm2d/listen-unix.o pm2d/listen-open.o pm2d/listen-text.o \
		pm2d/listen-policy.o pm2d/listen-bind.o pm2d/rules.o \
		pm2d/reuseport-linux.o pm2d/helper.o pm2d/helper-unix.o \
		pm2d/appspec.o regress/pm2d/listenutil.o ${spawn_OBJS}
REGRESS_TESTS += regress/pm2d/listen_test
listen_test_OBJS = ${listen_OBJS}
REGRESS_TESTS += regress/pm2d/listen_life_test
listen_life_test_OBJS = ${listen_OBJS}
REGRESS_TESTS += regress/pm2d/listen_unix_test
listen_unix_test_OBJS = ${listen_OBJS}
REGRESS_TESTS += regress/pm2d/listen_kernel_test
listen_kernel_test_OBJS = ${listen_OBJS}
REGRESS_TESTS += regress/pm2d/listen_open_test
listen_open_test_OBJS = ${listen_OBJS}
REGRESS_TESTS += regress/pm2d/appenv_test
appenv_test_OBJS = pm2d/appenv.o pm2d/appargv.o pm2d/appspec.o \
		pm2d/preload.o pm2d/strvec.o pm2d/envtab.o regress/common/sys_fault.o
REGRESS_OBJS += pm2d/engine-estate.o
REGRESS_TESTS += regress/pm2d/estate_test
estate_test_OBJS = pm2d/engine-estate.o regress/common/sys_fault.o
REGRESS_SCRIPTS += regress/pm2d/drain_test
REGRESS_OBJS += regress/pm2d/engutil.o
REGRESS_TESTS += regress/pm2d/engine_test
engine_test_OBJS = regress/pm2d/engutil.o
REGRESS_TESTS += regress/pm2d/engine_line_test
engine_line_test_OBJS = pm2d/engine-line.o
REGRESS_TESTS += regress/pm2d/engine_proto_test
engine_proto_test_OBJS = pm2d/engine-proto.o
REGRESS_TESTS += regress/pm2d/engine_rr_test
engine_rr_test_OBJS = pm2d/engine-rr.o
REGRESS_TESTS += regress/pm2d/engine_hostile_test
engine_hostile_test_OBJS = regress/pm2d/engutil.o
REGRESS_TESTS += regress/pm2d/engine_inherit_test
engine_inherit_test_OBJS = regress/pm2d/engutil.o
REGRESS_TESTS += regress/pm2d/channel_test
channel_test_OBJS = pm2d/channel.o pm2d/appspec.o regress/common/sys_fault.o
REGRESS_TESTS += regress/pm2d/engine_side_test
engine_side_test_OBJS = pm2d/engine.o pm2d/engine_answer.o pm2d/daemon.o pm2d/places.o \
		pm2d/ids.o pm2d/ids-linux.o
REGRESS_TESTS += regress/pm2d/rules_test
rules_test_OBJS = pm2d/rules.o pm2d/verbs.o
REGRESS_OBJS += regress/pm2d/confutil.o
conflang_OBJS = ${CONFPARSE_OBJS} ${CONF_SHARED} pm2d/conf-print.o
REGRESS_TESTS += regress/pm2d/conf_test
conf_test_OBJS = ${conflang_OBJS} regress/pm2d/confutil.o
REGRESS_TESTS += regress/pm2d/conf_load_test
conf_load_test_OBJS = pm2d/conf.o pm2d/conf-data.o pm2d/conf-words.o \
		pm2d/verbs.o ${spawn_OBJS}
REGRESS_TESTS += regress/pm2d/tick_test
tick_test_OBJS = pm2d/tick.o
REGRESS_TESTS += regress/pm2d/depgraph_test
depgraph_test_OBJS = pm2d/depgraph.o
REGRESS_TESTS += regress/pm2d/peers_test
peers_test_OBJS = pm2d/peers.o
REGRESS_TESTS += regress/pm2d/watch_glob_test
watch_glob_test_OBJS = pm2d/watch-glob.o
REGRESS_TESTS += regress/pm2d/watch_table_test
watch_table_test_OBJS = pm2d/watch-table.o
REGRESS_TESTS += regress/pm2d/probe_http_test
probe_http_test_OBJS = pm2d/probe-http.o
REGRESS_TESTS += regress/pm2d/health_rule_test
health_rule_test_OBJS = pm2d/health-rule.o
REGRESS_TESTS += regress/pm2d/agent_test
agent_test_OBJS = pm2d/agent.o pm2d/daemon.o
