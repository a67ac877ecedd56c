PM2D_OBJS =	pm2d/pm2d.o pm2d/app.o pm2d/team.o pm2d/run.o \
		pm2d/applog.o pm2d/appenv.o \
		pm2d/supervise.o pm2d/ended.o pm2d/runlife.o \
		pm2d/runleave.o pm2d/successor.o pm2d/launch.o \
		pm2d/leftover.o pm2d/report.o pm2d/store.o pm2d/store_read.o \
		pm2d/logd.o pm2d/logd_answer.o pm2d/control.o pm2d/control_app.o \
		pm2d/control_start.o pm2d/control_spec.o pm2d/control_update.o \
		pm2d/control_list.o pm2d/control_log.o \
		pm2d/control_misc.o pm2d/control_reload.o pm2d/control_say.o \
		pm2d/doctor.o pm2d/attend.o pm2d/renew.o pm2d/schedule.o \
		pm2d/sdnotify.o pm2d/ownlog.o pm2d/caps-linux.o
PM2D_OBJS +=	pm2d/applimits.o pm2d/applimits-group.o
PM2D_OBJS +=	pm2d/tick.o pm2d/memlimit.o pm2d/depend.o pm2d/depgraph.o
PM2D_OBJS +=	pm2d/channel.o pm2d/appspec.o pm2d/appargv.o pm2d/preload.o \
		pm2d/strvec.o pm2d/envtab.o pm2d/secret.o
PM2D_OBJS +=	pm2d/health.o pm2d/health-rule.o
PM2D_OBJS +=	pm2d/daemon.o pm2d/engine.o pm2d/engine_answer.o
PM2D_OBJS +=	pm2d/machine.o pm2d/leave.o pm2d/reload.o pm2d/restart.o \
		pm2d/pace.o pm2d/perm.o pm2d/statefile.o
PM2D_OBJS +=	pm2d/listen.o pm2d/listen-life.o pm2d/listen-group.o \
		pm2d/listen-unix.o pm2d/listen-open.o pm2d/listen-text.o \
		pm2d/listen-policy.o pm2d/listen-bind.o pm2d/reuseport-linux.o \
		pm2d/helper-unix.o
PM2D_OBJS +=	pm2d/ids.o pm2d/ids-linux.o pm2d/helper.o pm2d/helper-jobs.o \
		pm2d/helper-env.o pm2d/launch-env.o \
		pm2d/spawn.o pm2d/spawn-child.o pm2d/spawn-linux.o \
		pm2d/sample.o pm2d/sample-linux.o \
		pm2d/tree.o pm2d/tree-walk-linux.o pm2d/tree-cgroup-linux.o \
		pm2d/cgroup-limit-linux.o
APPBOX_linux =	pm2d/appbox-linux.o pm2d/appbox-calls-linux.o
APPBOX_null =	pm2d/appbox-null.o
APPBOX_OBJS =	pm2d/appbox.o ${APPBOX_${SANDBOX}}
PM2D_OBJS +=	${APPBOX_OBJS}
PM2D_OBJS +=	pm2d/agent.o
PM2D_OBJS +=	pm2d/watch.o
PROBE_OBJS =	pm2d/pm2d-probe.o pm2d/probe-check.o pm2d/probe-net.o \
		pm2d/probe-exec.o pm2d/probe-http.o
# the system's
PM2D_OBJS +=	pm2d/places.o pm2d/system.o pm2d/peers.o pm2d/userlimits.o \
		pm2d/audit.o pm2d/control_whose.o pm2d/appspec-env.o \
		pm2d/boot.o
PM2D_OBJS +=	pm2d/bound.o
ENGINE_OBJS =	pm2d/pm2d-engine.o pm2d/engine-parent.o pm2d/engine-worker.o \
		pm2d/engine-said.o pm2d/engine-line.o pm2d/engine-proto.o \
		pm2d/engine-rr.o pm2d/engine-out.o pm2d/engine-bound.o \
		pm2d/engine-service.o pm2d/engine-listener.o \
		pm2d/engine-conn.o pm2d/engine-notify.o \
		pm2d/engine-notify-text.o pm2d/engine-estate.o
# pm2d.conf(5): the parent's side, and its reader
PM2D_OBJS +=	pm2d/conf.o pm2d/conf-check.o pm2d/conf-data.o \
		pm2d/conf-print.o pm2d/conf-words.o pm2d/rules.o pm2d/verbs.o
CONFPARSE_OBJS = pm2d/conf-lex.o pm2d/conf-parse.o pm2d/conf-rule.o \
		pm2d/conf-main.o
CONF_OBJS =	pm2d/pm2d-conf.o pm2d/conf-names.o ${CONFPARSE_OBJS}
CONF_SHARED =	pm2d/conf-data.o pm2d/conf-words.o pm2d/verbs.o \
		pm2d/ids.o pm2d/ids-linux.o
WATCH_OBJS =	pm2d/pm2d-watch.o pm2d/watch-job.o pm2d/watch-tree.o \
		pm2d/watch-table.o pm2d/watch-glob.o
