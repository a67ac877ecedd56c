# The build: both makes, what is rebuilt after which change, installation.

# A copy of the sources with few objects to make is not to be had; so build
# the whole once per case with the cheapest flags.
copy()
{
	sh "$PM2D_SOURCES/etc/variant.sh" "$PWD/tree" || atf_fail "no copy"
	cd tree || exit 1
}

# build make arg...: the lines of what it did are in the file out
build()
{
	build_make=$1
	shift
	"$build_make" HARDEN=no CFLAGS=-O0 "$@" > ../out 2>&1 || {
		tail -n 30 ../out
		atf_fail "$build_make $*"
	}
}

# compiled file.c: did the last build do it?
compiled()
{
	grep -q -- "-c -o ${1%.c}.o" ../out
}

rebuild()
{
	copy
	build "$1"
	compiled common/imsg.c || atf_fail "nothing was compiled"
	sleep 1
	build "$1"
	! grep -E -- ' -o ' ../out || atf_fail "built again without a change"

	sleep 1
	touch common/spec.h
	build "$1"
	compiled common/spec.c || atf_fail "spec.h changed, spec.c not compiled"
	! compiled common/units.c || atf_fail "units.c does not know spec.h"

	sleep 1
	build "$1" PREFIX=/somewhere/else
	! compiled common/spec.c || atf_fail "spec.c does not know instpaths.h"
	grep -q -- '-o pm2ctl/pm2ctl' ../out || atf_fail "pm2ctl not linked"
	grep -q /somewhere/else/sbin/pm2d pm2ctl/pm2ctl ||
	    atf_fail "pm2ctl does not know the new place"

	sleep 1
	build "$1" PREFIX=/somewhere/else CPPFLAGS=-DSOMETHING
	compiled common/spec.c || atf_fail "other flags, same objects"
}

atf_test_case make__rebuilds_what_changed
make__rebuilds_what_changed_head()
{
	atf_set timeout 200
	atf_set require.progs "make"
}
make__rebuilds_what_changed_body()
{
	rebuild make
}

atf_test_case bmake__rebuilds_what_changed
bmake__rebuilds_what_changed_head()
{
	atf_set timeout 200
	atf_set require.progs "bmake"
}
bmake__rebuilds_what_changed_body()
{
	rebuild bmake
}

# in dest there are exactly the files named, one to a line
installed()
{
	(cd ../dest && find . ! -type d | LC_ALL=C sort) > ../out
	[ "$(cat ../out)" = "$1" ] || {
		cat ../out
		atf_fail "not what should be installed"
	}
}

atf_test_case install__into_destdir_and_back
install__into_destdir_and_back_head()
{
	atf_set timeout 200
}
install__into_destdir_and_back_body()
{
	copy
	build make DESTDIR="$PWD/../dest" PREFIX=/opt/pm2d install
	installed "./opt/pm2d/bin/pm2ctl
./opt/pm2d/lib/sysusers.d/pm2d.conf
./opt/pm2d/lib/tmpfiles.d/pm2d.conf
./opt/pm2d/libexec/pm2d/drain.cjs
./opt/pm2d/libexec/pm2d/pm2d-conf
./opt/pm2d/libexec/pm2d/pm2d-engine
./opt/pm2d/libexec/pm2d/pm2d-probe
./opt/pm2d/libexec/pm2d/pm2d-watch
./opt/pm2d/sbin/pm2d
./opt/pm2d/sbin/pm2logd
./opt/pm2d/share/examples/pm2d/pm2d.conf
./opt/pm2d/share/man/man1/pm2ctl.1
./opt/pm2d/share/man/man5/pm2d.conf.5
./opt/pm2d/share/man/man8/pm2d-engine.8
./opt/pm2d/share/man/man8/pm2d-probe.8
./opt/pm2d/share/man/man8/pm2d-watch.8
./opt/pm2d/share/man/man8/pm2d.8
./opt/pm2d/share/man/man8/pm2logd.8"
	build make DESTDIR="$PWD/../dest" PREFIX=/opt/pm2d PM2_ALIAS=1 install
	atf_check -o inline:"pm2ctl\n" readlink ../dest/opt/pm2d/bin/pm2
	atf_check -o inline:"pm2ctl.1\n" \
	    readlink ../dest/opt/pm2d/share/man/man1/pm2.1

	# a pm2 that is not ours stays
	build make DESTDIR="$PWD/../dest" PREFIX=/opt/pm2d uninstall
	installed ""
	echo theirs > ../dest/opt/pm2d/bin/pm2
	build make DESTDIR="$PWD/../dest" PREFIX=/opt/pm2d uninstall
	installed ./opt/pm2d/bin/pm2
}

atf_test_case install__refuses_a_relative_prefix
install__refuses_a_relative_prefix_body()
{
	copy
	atf_check -s not-exit:0 -o ignore -e match:'absolute: here' \
	    make HARDEN=no PREFIX=here common/instpaths.h
}

atf_test_case install__prefix_with_a_space
install__prefix_with_a_space_head()
{
	atf_set timeout 200
}
install__prefix_with_a_space_body()
{
	copy
	mkdir "../a place"
	where=$(cd "../a place" && pwd)
	build make PREFIX="$where" SYSUSER=no install
	atf_check -o match:'0\.' "$where/bin/pm2ctl" --version
}

atf_test_case variant__follows_the_sources
variant__follows_the_sources_body()
{
	copy
	echo > common/new.c
	sh etc/variant.sh "$PWD/.obj/x"
	atf_check test -f .obj/x/common/new.c
	rm common/new.c
	echo '# changed' >> Makefile
	sh etc/variant.sh "$PWD/.obj/x"
	atf_check test ! -e .obj/x/common/new.c
	atf_check cmp Makefile .obj/x/Makefile
}

# A test that nobody builds, or that kyua does not know, is none.
atf_test_case frame__every_test_is_named
frame__every_test_is_named_body()
{
	cd "$PM2D_SOURCES/regress" || exit 1
	for file in */*_test.c */*_test.sh; do
		dir=${file%/*}
		name=${file##*/}
		name=${name%.*}
		grep -qE "regress/$dir/$name( |\$)" "$dir/sources.mk" ||
		    atf_fail "$dir/sources.mk does not have $name"
		grep -q "\"$name\"" "$dir/Kyuafile" ||
		    atf_fail "$dir/Kyuafile does not have $name"
	done
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	atf_add_test_case make__rebuilds_what_changed
	atf_add_test_case bmake__rebuilds_what_changed
	atf_add_test_case install__into_destdir_and_back
	atf_add_test_case install__refuses_a_relative_prefix
	atf_add_test_case install__prefix_with_a_space
	atf_add_test_case variant__follows_the_sources
	atf_add_test_case frame__every_test_is_named
}
