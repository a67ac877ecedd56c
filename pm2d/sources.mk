PM2D_OBJS =	pm2d/pm2d.o
