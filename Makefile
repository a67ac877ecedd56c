# pm2d, a process manager.  Works with GNU make and with bmake.
#
#	make			build here
#	make install		PREFIX=/usr/local DESTDIR= PM2_ALIAS=1 for a
#				second name "pm2"; uninstall takes it back;
#				as root SYSUSER=no makes no users, SYSPLACES=no
#				nothing in /etc, /run and /var
#	make quickstart		see an example run, nothing is installed
#	make regress		build and run the whole test suite
#	make bench		measure, ROWS="list fair" only these, PEERS=1
#				against pm2 and several versions of Node, which
#				are fetched; lint looks at the manual pages
#
# Compilers: CC=gcc, CC=clang.  WERROR=-Werror makes warnings fatal.

PREFIX =	/usr/local
BINDIR =	${PREFIX}/bin
SBINDIR =	${PREFIX}/sbin
LIBEXECDIR =	${PREFIX}/libexec/pm2d
MANDIR =	${PREFIX}/share/man
EXAMPLEDIR =	${PREFIX}/share/examples/pm2d
SYSTEMDDIR =	${PREFIX}/lib
SYSCONFDIR =	/etc
RUNDIR =	/run
VARDIR =	/var
PM2_ALIAS =	0
PEERS =
ROWS =

CC =		cc
AR =		ar
INSTALL =	install
CFLAGS =	-O2 -g
WERROR =
WARNINGS =	-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes \
		-Wmissing-declarations -Wshadow -Wpointer-arith \
		-Wsign-compare -Wcast-qual -Wvla -Wformat=2
INCLUDES =	-isystem /usr/include/bsd -iquote common

# yes: what the compiler can do to make attacks harder (etc/flags.sh); no: not
HARDEN =	yes

# The object behind common/sys.h.  The test suite's can make each call fail.
SYS_OBJ =	common/sys.o

# More objects for every program.
EXTRA_OBJS =

include common/sources.mk
include pm2d/sources.mk
include pm2logd/sources.mk
include pm2ctl/sources.mk

PROGS =		pm2d/pm2d ${LIBEXECS} pm2logd/pm2logd pm2ctl/pm2ctl
# What only pm2d starts.
LIBEXECS =	pm2d/pm2d-engine pm2d/pm2d-conf pm2d/pm2d-watch \
		pm2d/pm2d-probe
LIBCOMMON_OBJS = ${COMMON_OBJS:common/sys.o=${SYS_OBJ}}
PROG_OBJS =	${PM2D_OBJS} ${ENGINE_OBJS} ${CONF_OBJS} ${WATCH_OBJS} \
		${PROBE_OBJS} \
		${PM2LOGD_OBJS} ${PM2CTL_OBJS}
OBJS =		${LIBCOMMON_OBJS} ${PROG_OBJS} ${EXTRA_OBJS}
MAN1 =		pm2ctl/pm2ctl.1
MAN5 =		pm2d/pm2d.conf.5
MAN8 =		pm2d/pm2d.8 pm2d/pm2d-engine.8 pm2d/pm2d-watch.8 \
		pm2d/pm2d-probe.8 pm2logd/pm2logd.8

# Tests.  regress/DIR/sources.mk says what DIR has:
#
#	REGRESS_TESTS += regress/DIR/foo_test	  made of regress/DIR/foo_test.c
#	foo_test_OBJS = pm2logd/format.o	  and of these besides
#	REGRESS_HELPERS += regress/DIR/h_bar	  the same for other programs
#	h_bar_OBJS = ...
#	REGRESS_OBJS += regress/DIR/shared.o	  shared by several: the rule
#						  .c to .o (dependencies, not
#						  linked; name it in _OBJS)
#
# Each is linked with ${REGRESS_SYS}, common/libcommon.a, atf-c, event_core,
# bsd, jansson, yaml and z (only what it uses of them).  Never name an object with
# main() in it.  Names of programs are unique in the whole of regress/, those
# of tests end in _test.  Names of atf-sh programs (foo_test.sh) are listed as
# REGRESS_SCRIPTS += regress/DIR/foo_test, and become executable without .sh.
# A directory has a Kyuafile naming its tests.
REGRESS_TESTS =
REGRESS_HELPERS =
REGRESS_SCRIPTS =
REGRESS_OBJS =
REGRESS_SYS =
-include regress/common/sources.mk
-include regress/pm2d/sources.mk
-include regress/pm2logd/sources.mk
-include regress/pm2ctl/sources.mk
-include regress/fuzz/sources.mk
include regress/integration/sources.mk
include regress/build/sources.mk
include regress/bench/sources.mk
REGRESS_PROGS =	${REGRESS_TESTS} ${REGRESS_HELPERS} ${BENCH_PROGS}
ALL_OBJS =	${OBJS} ${REGRESS_OBJS}
REGRESS_INCLUDES = -iquote regress/common -iquote pm2d \
		-iquote pm2logd -iquote pm2ctl
REGRESS_LIBS =	-Wl,--as-needed -latf-c -levent_core -ljansson -lyaml -lbsd -lz \
		-lm

.SUFFIXES:
.SUFFIXES: .c .o

all: ${PROGS}

.c.o:
	${CC} @.obj/cflags ${INCLUDES} -MMD -MP -c -o $@ $<

# Made anew when other flags, another compiler or other places are asked for.
# Both keep their time of change when they stay the same.
.obj/cflags: FORCE
	@mkdir -p .obj
	@CC="${CC}" HARDEN="${HARDEN}" sh etc/flags.sh .obj \
	    "-std=gnu11 -D_GNU_SOURCE -DLIBBSD_OVERLAY ${WARNINGS} ${WERROR}" \
	    "${CPPFLAGS} ${CFLAGS}" "${CFLAGS} ${LDFLAGS}"

common/instpaths.h: common/instpaths.h.in etc/paths.sh FORCE
	@sh etc/paths.sh common/instpaths.h.in $@ "${PREFIX}" "${BINDIR}" \
	    "${SBINDIR}" "${LIBEXECDIR}" "${SYSCONFDIR}" "${RUNDIR}" "${VARDIR}"

# There before the first object; later the .d files know who includes it.
.obj/ready: common/instpaths.h
	@mkdir -p .obj
	@test -f $@ || : > $@

FORCE:

${ALL_OBJS}: .obj/cflags .obj/ready

common/libcommon.a: ${LIBCOMMON_OBJS}
	rm -f $@
	${AR} rcs $@ ${LIBCOMMON_OBJS}

pm2d/pm2d: ${PM2D_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${PM2D_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -levent_core -lbsd

pm2d/pm2d-engine: ${ENGINE_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${ENGINE_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -levent_core -ljansson -lbsd -lm

pm2d/pm2d-conf: ${CONF_OBJS} ${CONF_SHARED} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${CONF_OBJS} ${CONF_SHARED} ${EXTRA_OBJS} \
	    common/libcommon.a -lbsd

pm2d/pm2d-watch: ${WATCH_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${WATCH_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -levent_core -lbsd

pm2d/pm2d-probe: ${PROBE_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${PROBE_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -levent_core -lbsd

pm2logd/pm2logd: ${PM2LOGD_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${PM2LOGD_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -levent_core -lbsd -lz

pm2ctl/pm2ctl: ${PM2CTL_OBJS} ${EXTRA_OBJS} common/libcommon.a
	${CC} @.obj/ldflags -o $@ ${PM2CTL_OBJS} ${EXTRA_OBJS} \
	    common/libcommon.a -ljansson -lyaml -lbsd -lm

tests: ${PROGS} ${REGRESS_TESTS} ${REGRESS_HELPERS} ${REGRESS_SCRIPTS}

bench-programs: ${BENCH_PROGS}

${REGRESS_PROGS}: ${ALL_OBJS} ${REGRESS_SYS} common/libcommon.a
	${CC} @.obj/cflags ${INCLUDES} ${REGRESS_INCLUDES} -MMD -MP \
	    -MF $@.d -MT $@ @.obj/ldflags -o $@ $@.c ${${@F}_OBJS} \
	    ${EXTRA_OBJS} ${REGRESS_SYS} common/libcommon.a ${REGRESS_LIBS}

${REGRESS_SCRIPTS}: FORCE
	@{ echo '#!/usr/bin/env atf-sh'; cat $@.sh; } > $@.tmp
	@if cmp -s $@.tmp $@; then rm -f $@.tmp; else \
	    chmod 755 $@.tmp && mv -f $@.tmp $@; fi

-include ${ALL_OBJS:.o=.d}
-include ${REGRESS_PROGS:=.d}

install: all
	mkdir -p "${DESTDIR}${BINDIR}" "${DESTDIR}${SBINDIR}" \
	    "${DESTDIR}${LIBEXECDIR}" \
	    "${DESTDIR}${MANDIR}/man1" "${DESTDIR}${MANDIR}/man5" \
	    "${DESTDIR}${MANDIR}/man8" "${DESTDIR}${EXAMPLEDIR}" \
	    "${DESTDIR}${SYSTEMDDIR}/sysusers.d" \
	    "${DESTDIR}${SYSTEMDDIR}/tmpfiles.d"
	${INSTALL} -m 755 pm2ctl/pm2ctl "${DESTDIR}${BINDIR}/pm2ctl"
	${INSTALL} -m 755 pm2d/pm2d "${DESTDIR}${SBINDIR}/pm2d"
	${INSTALL} -m 755 pm2logd/pm2logd "${DESTDIR}${SBINDIR}/pm2logd"
	${INSTALL} -m 644 pm2d/drain.cjs "${DESTDIR}${LIBEXECDIR}/drain.cjs"
	${INSTALL} -m 755 ${LIBEXECS} "${DESTDIR}${LIBEXECDIR}"
	${INSTALL} -m 644 ${MAN1} "${DESTDIR}${MANDIR}/man1"
	${INSTALL} -m 644 ${MAN5} "${DESTDIR}${MANDIR}/man5"
	${INSTALL} -m 644 ${MAN8} "${DESTDIR}${MANDIR}/man8"
	${INSTALL} -m 644 etc/pm2d.conf "${DESTDIR}${EXAMPLEDIR}/pm2d.conf"
	${INSTALL} -m 644 etc/pm2d.sysusers \
	    "${DESTDIR}${SYSTEMDDIR}/sysusers.d/pm2d.conf"
	sed -e "s|@RUNDIR@|${RUNDIR}|" -e "s|@VARDIR@|${VARDIR}|" \
	    etc/pm2d.tmpfiles.in > \
	    "${DESTDIR}${SYSTEMDDIR}/tmpfiles.d/pm2d.conf"
	@if [ "${PM2_ALIAS}" = 1 ]; then \
	    echo "ln -sf pm2ctl ${DESTDIR}${BINDIR}/pm2"; \
	    ln -sf pm2ctl "${DESTDIR}${BINDIR}/pm2" && \
	    ln -sf pm2ctl.1 "${DESTDIR}${MANDIR}/man1/pm2.1"; fi
	@if [ -z "${DESTDIR}" ]; then sh etc/adduser.sh && \
	    sh etc/places.sh install \
	    "${EXAMPLEDIR}/pm2d.conf" "${SYSCONFDIR}" "${RUNDIR}" \
	    "${VARDIR}"; fi

uninstall:
	rm -f "${DESTDIR}${BINDIR}/pm2ctl" "${DESTDIR}${SBINDIR}/pm2d" \
	    "${DESTDIR}${SBINDIR}/pm2logd"
	@cd "${DESTDIR}${LIBEXECDIR}" 2>/dev/null && \
	    rm -f ${LIBEXECS:pm2d/%=%} drain.cjs || :
	rm -f "${DESTDIR}${MANDIR}/man1/pm2ctl.1" \
	    "${DESTDIR}${MANDIR}/man5/pm2d.conf.5" \
	    "${DESTDIR}${MANDIR}/man8/pm2d.8" \
	    "${DESTDIR}${MANDIR}/man8/pm2d-engine.8" \
	    "${DESTDIR}${MANDIR}/man8/pm2d-watch.8" \
	    "${DESTDIR}${MANDIR}/man8/pm2d-probe.8" \
	    "${DESTDIR}${MANDIR}/man8/pm2logd.8"
	@if [ -z "${DESTDIR}" ]; then \
	    sh etc/places.sh uninstall \
	    "${EXAMPLEDIR}/pm2d.conf" "${SYSCONFDIR}" "${RUNDIR}" \
	    "${VARDIR}"; fi
	rm -f "${DESTDIR}${EXAMPLEDIR}/pm2d.conf" \
	    "${DESTDIR}${SYSTEMDDIR}/sysusers.d/pm2d.conf" \
	    "${DESTDIR}${SYSTEMDDIR}/tmpfiles.d/pm2d.conf"
	@rmdir "${DESTDIR}${LIBEXECDIR}" "${DESTDIR}${EXAMPLEDIR}" \
	    2>/dev/null || :
	@sh etc/unalias.sh "${DESTDIR}${BINDIR}/pm2" pm2ctl
	@sh etc/unalias.sh "${DESTDIR}${MANDIR}/man1/pm2.1" pm2ctl.1

quickstart:
	@CC="${CC}" MAKE="${MAKE}" sh etc/quickstart.sh

regress:
	@MAKE="${MAKE}" sh regress/run.sh

fuzz: common/instpaths.h
	@sh regress/fuzz/run.sh fuzz_engine_line corpus ${FUZZED}
	@sh regress/fuzz/run.sh fuzz_procfile corpus-procfile \
	    ${FUZZED_procfile}
	@sh regress/fuzz/run.sh fuzz_envfile corpus-envfile common/envfile.c
	@sh regress/fuzz/run.sh fuzz_conf corpus-conf ${FUZZED_conf}
	@sh regress/fuzz/run.sh fuzz_dump corpus-dump ${FUZZED_dump}
	@sh regress/fuzz/run.sh fuzz_cron corpus-cron common/cron.c \
	    common/cron_next.c
	@sh regress/fuzz/run.sh fuzz_probe corpus-probe ${FUZZED_probe}

bench:
	@CC="${CC}" MAKE="${MAKE}" PEERS="${PEERS}" sh regress/bench/run.sh ${ROWS}

lint:
	mandoc -Tlint -Wwarning ${MAN1} ${MAN5} ${MAN8}

clean:
	rm -f ${PROGS} common/libcommon.a common/instpaths.h
	rm -f common/*.[do] pm2*/*.[do] regress/*/*.[do]
	rm -f ${REGRESS_PROGS} ${REGRESS_SCRIPTS}
	rm -f .obj/cflags .obj/ldflags .obj/flags.key .obj/ready

distclean: clean
	rm -rf .obj

.PHONY: all tests bench-programs install uninstall quickstart regress fuzz bench lint clean \
	distclean FORCE
