PM2CTL_OBJS =	pm2ctl/pm2ctl.o
PM2CTL_OBJS +=	pm2ctl/output.o pm2ctl/output_buf.o pm2ctl/output_values.o \
		pm2ctl/output_width.o pm2ctl/output_json.o pm2ctl/inspect.o \
		pm2ctl/table.o pm2ctl/table_pairs.o pm2ctl/termfilter.o \
		pm2ctl/logs.o pm2ctl/logs_follow.o pm2ctl/logs_tail.o \
		pm2ctl/describe.o pm2ctl/why.o pm2ctl/doctor.o \
		pm2ctl/complete.o
