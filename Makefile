# pm2d: process manager.  Works with GNU make and bmake.

PREFIX =	/usr/local
BINDIR =	${PREFIX}/bin
SBINDIR =	${PREFIX}/sbin
LIBEXECDIR =	${PREFIX}/libexec/pm2d
MANDIR =	${PREFIX}/share/man

CC =		cc
CFLAGS =	-O2 -g
WARNINGS =	-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes \
		-Wmissing-declarations -Wshadow -Wpointer-arith \
		-Wsign-compare -Wcast-qual -Wvla -Wformat=2
CPPFLAGS_ALL =	-D_GNU_SOURCE -DLIBBSD_OVERLAY -isystem /usr/include/bsd \
		-Icommon ${CPPFLAGS}
HARDEN =	-D_FORTIFY_SOURCE=2 -fstack-protector-strong \
		-fstack-clash-protection -fPIE -fno-strict-overflow \
		-ftrivial-auto-var-init=zero
LDHARDEN =	-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
		-Wl,-z,separate-code

include common/sources.mk
include pm2d/sources.mk
include pm2ctl/sources.mk
include pm2logd/sources.mk

PROGS =		pm2d/pm2d pm2logd/pm2logd pm2ctl/pm2ctl

.SUFFIXES: .c .o

all: ${PROGS}

.c.o:
	${CC} -std=gnu11 ${WARNINGS} ${CPPFLAGS_ALL} ${HARDEN} ${CFLAGS} \
	    -MMD -c -o $@ $<

${COMMON_OBJS} ${PM2D_OBJS} ${PM2LOGD_OBJS} ${PM2CTL_OBJS}: common/paths.h

common/paths.h: common/paths.h.in
	sed -e 's|@PREFIX@|${PREFIX}|' -e 's|@BINDIR@|${BINDIR}|' \
	    -e 's|@SBINDIR@|${SBINDIR}|' -e 's|@LIBEXECDIR@|${LIBEXECDIR}|' \
	    common/paths.h.in > $@

common/libcommon.a: ${COMMON_OBJS}
	rm -f $@
	ar rcs $@ ${COMMON_OBJS}

pm2d/pm2d: ${PM2D_OBJS} common/libcommon.a
	${CC} ${LDHARDEN} ${CFLAGS} ${LDFLAGS} -o $@ ${PM2D_OBJS} \
	    common/libcommon.a -levent_core -lbsd

pm2logd/pm2logd: ${PM2LOGD_OBJS} common/libcommon.a
	${CC} ${LDHARDEN} ${CFLAGS} ${LDFLAGS} -o $@ ${PM2LOGD_OBJS} \
	    common/libcommon.a -levent_core -lbsd -lz

pm2ctl/pm2ctl: ${PM2CTL_OBJS} common/libcommon.a
	${CC} ${LDHARDEN} ${CFLAGS} ${LDFLAGS} -o $@ ${PM2CTL_OBJS} \
	    common/libcommon.a -ljansson -lbsd

clean:
	rm -f ${PROGS} common/libcommon.a common/paths.h */*.o */*.d

.PHONY: all clean
