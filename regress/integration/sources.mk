REGRESS_HELPERS += regress/integration/h_load
REGRESS_SCRIPTS += regress/integration/actions_test \
		regress/integration/attend_test \
		regress/integration/bomb_test \
		regress/integration/cluster_test \
		regress/integration/dump_test \
		regress/integration/engine_test \
		regress/integration/files_test \
		regress/integration/hostile_test \
		regress/integration/keepalive_test \
		regress/integration/logs_test \
		regress/integration/readme_test \
		regress/integration/release_test \
		regress/integration/sandbox_test \
		regress/integration/scale_test \
		regress/integration/startup_test \
		regress/integration/stop_test \
		regress/integration/survive_test \
		regress/integration/env_test \
		regress/integration/system_test \
		regress/integration/sysconf_test \
		regress/integration/users_test
REGRESS_SCRIPTS += regress/integration/health_test \
		regress/integration/watch_test
