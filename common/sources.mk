# linux or null; the BSDs' own will be files beside these.
SANDBOX =	linux
SANDBOX_linux =	common/sandbox-linux.o common/landlock-linux.o common/filter-linux.o \
		common/seccomp-linux.o
SANDBOX_null =	common/sandbox-null.o
SANDBOX_OBJS =	${SANDBOX_${SANDBOX}}

COMMON_OBJS =	common/imsg-buffer.o common/imsg.o common/msgbuf.o \
		common/imsgev.o common/sys.o common/log.o common/monotime.o \
		common/msg.o common/wire.o common/spec.o common/listenspec.o \
		common/envfile.o \
		common/cron.o common/cron_next.o common/units.o common/utf8.o \
		common/home.o common/home-path.o common/proc.o \
		common/proc-child.o common/parentlink.o common/sigdefault-linux.o \
		${SANDBOX_OBJS}
COMMON_OBJS +=	common/proc-ids.o common/healthspec.o
