PM2LOGD_OBJS =	pm2logd/pm2logd.o pm2logd/file.o pm2logd/follow.o \
		pm2logd/format.o pm2logd/full.o pm2logd/gzip.o \
		pm2logd/history.o pm2logd/line.o pm2logd/pidfile.o pm2logd/pipe-linux.o \
		pm2logd/rotate.o pm2logd/rotname.o pm2logd/source.o \
		pm2logd/stream.o
