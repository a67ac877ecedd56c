PM2D_OBJS =	pm2d/pm2d.o
PM2D_OBJS +=	pm2d/machine.o pm2d/restart.o pm2d/pace.o pm2d/perm.o \
		pm2d/statefile.o
