# Apps that are run anew when their files change.

# An app with a directory of its own, below $PWD/app; not one that reloads.
watched()
{
	mkdir -p app/src app/node_modules/m
	script app/app.sh 'exec sleep 1000'
	echo one > app/src/x.js
	chmod -R a+rX .
	(cd app && pm2ctl start app.sh -n app --watch "$@") > start.out 2>&1 || {
		cat start.out
		atf_fail "could not be started"
	}
	wait_for watcher_pid 10
	wait_for "watching on" 10
	sleep 0.3
}

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

watcher_pid()
{
	for watcher in $(cat "/proc/$(pm2d_pid)"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$watcher/cmdline") in
		*/pm2d-watch*)	echo "$watcher" ;;
		esac
	done 2>/dev/null | grep .
}

watching()
{
	[ "$(field app watch_state)" = "$1" ]
}

restarts()
{
	field app restart_time
}

restarted()
{
	wait_for "[ \$(restarts) -eq $1 ]" 15
	check is app online
}

not_restarted()
{
	sleep 1
	atf_check_equal "$1" "$(restarts)"
}

change__restarts()
{
	pm2_begin
	watched
	echo two > app/src/x.js
	restarted 1
	check grep -q 'changed: src/x.js' "$PM2_HOME/pm2.log"
	mkdir -p app/src/a/b/c
	echo new > app/src/a/b/c/y.js
	restarted 2
	sleep 2.5
	echo newer > app/src/a/b/c/y.js
	restarted 3
	# as an editor saves
	echo three > app/src/new && mv app/src/new app/src/x.js
	restarted 4
	sleep 2.5
	rm app/src/x.js
	restarted 5
	atf_check -o match:'file.*changed' pm2ctl why app
}

change__of_nothing_does_not()
{
	pm2_begin
	watched
	touch app/src/x.js
	not_restarted 0
	echo one > app/src/tmp && mv app/src/tmp app/src/x.js
	not_restarted 0
	cp -r app/src app/src.new
	rm -r app/src.new
	not_restarted 0
	mkdir app/src/empty
	not_restarted 0
}

change__of_what_is_ignored_does_not()
{
	pm2_begin
	watched --ignore-watch '*.tmp' --ignore-watch 'public/up' \
	    --ignore-watch '**/cache/*.json' -o "$PWD/app/app.out"
	mkdir -p app/public/up app/a/b/cache app/.git
	for file in node_modules/m/x.js .git/index .env src/x.js~ a.tmp \
	    src/b.tmp public/up/pic a/b/cache/c.json app.out app.out.1; do
		echo changed >> "app/$file"
	done
	not_restarted 0
	echo changed > app/public/page
	restarted 1
}

path__of_a_file()
{
	pm2_begin
	mkdir conf
	echo one > conf/app.conf
	watched --watch-path "$PWD/conf/app.conf"
	echo x > conf/other
	echo two > app/src/x.js
	not_restarted 0
	echo two > conf/new && mv conf/new conf/app.conf
	restarted 1
}

path__that_is_missing()
{
	pm2_begin
	mkdir app
	script app/app.sh 'exec sleep 1000'
	pm2ctl start app/app.sh -n app --watch --watch-path "$PWD/nowhere" \
	    >/dev/null || exit 1
	wait_for "watching broken" 10
	check is app online
	check grep -q 'not watched: .*nowhere: No such file' \
	    "$PM2_HOME/pm2.log"
	mkdir nowhere
	pm2ctl restart app >/dev/null || exit 1
	wait_for "watching on" 10
}

budget__too_many_directories()
{
	pm2_begin
	watched
	(cd app && mkdir many && cd many && seq 8300 | xargs mkdir)
	wait_for "watching broken" 30
	check grep -q 'more than 8192 directories.*ignore_watch' \
	    "$PM2_HOME/pm2.log"
	check is app online
	rm -r app/many
	pm2ctl restart app >/dev/null || exit 1
	wait_for "watching on" 20
}

# It writes there itself, at each start.
loop__is_broken()
{
	pm2_begin
	mkdir app
	script app/app.sh 'sleep 0.1; date +%N > state; exec sleep 1000'
	(cd app && pm2ctl start app.sh -n app --watch) >/dev/null || exit 1
	wait_for "watching broken" 30
	check grep -q 'it seems to write there itself' "$PM2_HOME/pm2.log"
	[ "$(restarts)" -le 4 ] || atf_fail "$(restarts) restarts"
	check is app online
}

watcher__survives_its_death()
{
	pm2_begin
	watched
	pid=$(watcher_pid)
	kill -KILL "$pid"
	wait_for "watcher_pid && [ \"\$(watcher_pid)\" != $pid ]" 10
	sleep 1
	echo two > app/src/x.js
	restarted 1
}

watcher__goes_with_the_last_app()
{
	pm2_begin
	watched
	pid=$(watcher_pid)
	pm2ctl stop app >/dev/null || exit 1
	wait_for "! watcher_pid" 10
	check watching off
	echo two > app/src/x.js
	sleep 0.5
	check is app stopped
	pm2ctl restart app >/dev/null || exit 1
	wait_for watcher_pid 10
}

watcher__is_the_users()
{
	pm2_begin
	[ "$(stat -c %u .)" -eq 0 ] && chmod 755 . ..
	dir=$(mktemp -d /tmp/pm2d.XXXXXX)
	echo "$dir" >> homes
	chmod 755 "$dir"
	cd "$dir" || exit 1
	watched -u $USER1
	atf_check_equal "$(id -u $USER1)" \
	    "$(stat -c %u "/proc/$(watcher_pid)")" ||
	    grep Uid "/proc/$(watcher_pid)/status"
	grep -q "^Uid:	$(id -u $USER1)	$(id -u $USER1)	$(id -u $USER1)" \
	    "/proc/$(watcher_pid)/status" || atf_fail "another user's"
	echo two > app/src/x.js
	restarted 1
	cd - >/dev/null || exit 1
}

team__restarts_together()
{
	pm2_begin
	watched -i 3
	atf_check_equal 1 "$(watcher_pid | wc -l)"
	echo two > app/src/x.js
	wait_for "[ \$(pm2ctl jlist | grep -o 'restart_time\":1' | wc -l) -eq 3 ]"
}

reload__of_a_cluster()
{
	pm2_begin
	js web.js 'require("http").createServer(ok).listen(process.env.PORT)'
	serve web.js --watch
	old=$(app_pid web)
	load http -p "$PORT"
	sleep 1
	echo '// changed' >> web.js
	wait_for "[ \$(app_pid web) != $old ] && is web online" 15
	sleep 0.5
	load_end http
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case change__restarts 120
	pm2_case change__of_nothing_does_not 60
	pm2_case change__of_what_is_ignored_does_not 60
	pm2_case path__of_a_file 60
	pm2_case path__that_is_missing 60
	pm2_case budget__too_many_directories 120
	pm2_case loop__is_broken 60
	pm2_case watcher__survives_its_death 60
	pm2_case watcher__goes_with_the_last_app 60
	pm2_case watcher__is_the_users 60 root
	pm2_case team__restarts_together 60
	pm2_case reload__of_a_cluster 90
}
