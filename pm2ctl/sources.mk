PM2CTL_OBJS =	pm2ctl/pm2ctl.o
