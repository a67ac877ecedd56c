PM2CTL_OBJS =	pm2ctl/pm2ctl.o
PM2CTL_OBJS +=	pm2ctl/output.o pm2ctl/output_buf.o pm2ctl/output_values.o \
		pm2ctl/output_width.o pm2ctl/output_json.o pm2ctl/inspect.o \
		pm2ctl/table.o pm2ctl/table_pairs.o pm2ctl/termfilter.o \
		pm2ctl/logs.o pm2ctl/logs_follow.o pm2ctl/logs_tail.o \
		pm2ctl/describe.o pm2ctl/why.o pm2ctl/doctor.o \
		pm2ctl/complete.o
PM2CTL_OBJS +=	pm2ctl/actions.o
PM2CTL_OBJS +=	pm2ctl/appspec.o
PM2CTL_OBJS +=	pm2ctl/client.o
PM2CTL_OBJS +=	pm2ctl/custom.o
PM2CTL_OBJS +=	pm2ctl/daemon.o
PM2CTL_OBJS +=	pm2ctl/foreground.o
PM2CTL_OBJS +=	pm2ctl/generate.o
PM2CTL_OBJS +=	pm2ctl/launch.o
PM2CTL_OBJS +=	pm2ctl/message.o
PM2CTL_OBJS +=	pm2ctl/messages.o
PM2CTL_OBJS +=	pm2ctl/mode.o
PM2CTL_OBJS +=	pm2ctl/options.o pm2ctl/options_number.o
PM2CTL_OBJS +=	pm2ctl/path.o
PM2CTL_OBJS +=	pm2ctl/progress.o
PM2CTL_OBJS +=	pm2ctl/query.o
PM2CTL_OBJS +=	pm2ctl/reload.o
PM2CTL_OBJS +=	pm2ctl/resolve.o
PM2CTL_OBJS +=	pm2ctl/say.o
PM2CTL_OBJS +=	pm2ctl/scale.o
PM2CTL_OBJS +=	pm2ctl/select.o
PM2CTL_OBJS +=	pm2ctl/shellenv.o
PM2CTL_OBJS +=	pm2ctl/signal.o
PM2CTL_OBJS +=	pm2ctl/start.o
PM2CTL_OBJS +=	pm2ctl/which.o
PM2CTL_OBJS +=	pm2ctl/words.o
PM2CTL_OBJS +=	pm2ctl/listening-linux.o
PM2CTL_OBJS +=	pm2ctl/startup.o pm2ctl/startup_text.o pm2ctl/startup_file.o
PM2CTL_OBJS +=	pm2ctl/apply.o pm2ctl/declare.o pm2ctl/diff.o \
		pm2ctl/ecosystem.o pm2ctl/env.o \
		pm2ctl/environment.o pm2ctl/specdiff.o pm2ctl/start_watch.o \
		pm2ctl/update.o
PM2CTL_OBJS +=	pm2ctl/procfile.o pm2ctl/procfile-app.o \
		pm2ctl/procfile-args.o pm2ctl/procfile-check.o \
		pm2ctl/procfile-env.o \
		pm2ctl/procfile-js.o pm2ctl/procfile-json.o \
		pm2ctl/procfile-keys.o pm2ctl/procfile-tree.o \
		pm2ctl/procfile-value.o pm2ctl/procfile-yaml.o \
		pm2ctl/validate.o
DUMP_READ_OBJS = pm2ctl/dump_read.o pm2ctl/dump_spec.o pm2ctl/dump_match.o \
		pm2ctl/dump_import.o
PM2CTL_OBJS +=	pm2ctl/dump.o pm2ctl/resurrect.o ${DUMP_READ_OBJS}
PM2CTL_OBJS +=	pm2ctl/service.o
