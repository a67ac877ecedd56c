COMMON_OBJS =	common/imsg-buffer.o common/imsg.o common/msgbuf.o \
		common/imsgev.o common/sys.o common/log.o common/monotime.o common/msg.o \
		common/wire.o common/spec.o common/units.o common/home.o \
		common/proc.o common/sandbox-linux.o
