PM2LOGD_OBJS =	pm2logd/pm2logd.o
