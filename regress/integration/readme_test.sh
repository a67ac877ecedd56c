# README and make quickstart do what they say.

# The lines of README that begin with "$ " after a tab.
commands()
{
	sed -n 's/^	\$ //p' "$PM2D_SOURCES/README"
}

readme__session_works()
{
	pm2_begin
	cp "$EXAMPLES"/* .
	PORT=$(free_port)
	export PORT
	if ! command -v curl >/dev/null; then
		mkdir bin
		cat > bin/curl <<'END'
#!/usr/bin/env python3
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[-1]).read().decode())
END
		chmod +x bin/curl
		PATH=$PWD/bin:$PATH
	fi
	commands | grep -vE '^(sudo )?make' | sed "s/:8000/:$PORT/" > session
	[ "$(wc -l < session)" -ge 20 ] || atf_fail "where is the session?"
	while IFS= read -r line; do
		echo "\$ $line"
		case $line in
		curl*)	wait_for "$line" 15 ;;
		esac
		timeout 60 sh -c "$line" < /dev/null || atf_fail "$line: $?"
	done < session
	check test -f pool-5.log
	wait_for "! pm2ctl list" 10
}

readme__names_targets_that_exist()
{
	cd "$PM2D_SOURCES" || exit 1
	commands | grep -E '^(sudo )?make' | sed 's/^sudo //' |
	while IFS= read -r line; do
		# -n still runs what has ${MAKE} in it: ask for the rule only
		for target in ${line#make}; do
			grep -q "^$target:" Makefile || atf_fail "$line"
		done
	done
}

readme__knows_the_commands()
{
	pm2_begin
	pm2ctl --help > help 2>&1
	for word in start stop restart delete list jlist prettylist describe \
	    why logs flush reloadLogs sendSignal pid id env reset generate \
	    ping kill doctor completion reload gracefulReload scale message \
	    messages apply diff startOrRestart startOrReload \
	    startOrGracefulReload ecosystem dump save resurrect \
	    startup unstartup validate; do
		grep -qw "$word" "$PM2D_SOURCES/README" ||
		    atf_fail "README: $word"
		grep -qw "$word" help || {
			cat help
			atf_fail "--help: $word"
		}
	done
}

quickstart__shows_an_app()
{
	pm2_begin
	sh "$PM2D_SOURCES/etc/variant.sh" "$PWD/tree" || atf_fail "no copy"
	# what it would build is there; so this is about the rest of it
	mkdir -p tree/.obj
	cp -a "$PM2D_SHIP" tree/.obj/stage
	mkdir fake
	printf '#!/bin/sh\nexit 0\n' > fake/make
	chmod +x fake/make
	export PM2_HOME
	PORT=$(free_port)
	export PORT
	env PATH="$PWD/fake:$PATH" sh tree/etc/quickstart.sh > out 2>&1 || {
		cat out
		atf_fail "exit status"
	}
	cat out
	atf_check -o match:'hello.*online' -o match:'^Hello from pid' \
	    -o match:'GET /' -o match:'PATH=.*stage/bin' cat out
	# once more: it begins anew and shows the same app
	env PATH="$PWD/fake:$PATH" sh tree/etc/quickstart.sh > out 2>&1 || {
		cat out
		atf_fail "the second time"
	}
	atf_check_equal 1 "$(pm2ctl prettylist | grep -c status:)"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case readme__session_works 200
	pm2_case readme__names_targets_that_exist
	pm2_case readme__knows_the_commands
	pm2_case quickstart__shows_an_app 120
}
