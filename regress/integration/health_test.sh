# Health checks.

# A server that is well until told otherwise; its state is in files.
server()
{
	js web.js 'const fs = require("fs");
const bad = (what) => fs.existsSync(`${__dirname}/${what}`);
require("http").createServer((req, res) => {
	if (bad("hang"))
		for (;;)
			;
	if (bad("silent"))
		return;
	if (bad("garbage")) {
		res.socket.end("SSH-2.0-something\r\n");
		return;
	}
	res.statusCode = bad("bad") ? 503 : 200;
	ok(req, res);
}).listen(process.env.PORT);'
	chmod 755 . && chmod 644 web.js
}

# checked check option...
checked()
{
	check=$1
	shift
	launch web.js -x --health-check "$check" \
	    --health-interval 200ms --health-timeout 500ms \
	    --health-retries 2 "$@"
}

health()
{
	[ "$(field web health)" = "$1" ]
}

port()
{
	PORT=$(free_port)
	export PORT
}

# as serve does, but with the port that is known already
launch()
{
	pm2ctl start "$@" > serve.out 2>&1 || {
		cat serve.out
		atf_fail "$1 could not be started"
	}
}

http__bad_restarts()
{
	pm2_begin
	server
	port
	checked "http://localhost:$PORT/"
	wait_for "health healthy" 10
	old=$(app_pid web)
	touch bad
	wait_for "grep -q 'status 503; restarting' '$PM2_HOME/pm2.log'" 15
	rm bad
	wait_for "health healthy && [ \$(app_pid web) != $old ]" 15
	atf_check -o match:'health check' pm2ctl why web
}

http__hung_app_restarts()
{
	pm2_begin
	server
	port
	checked "http://127.0.0.1:$PORT/x?y" --kill-timeout 300ms
	wait_for "health healthy" 10
	old=$(app_pid web)
	touch hang
	wait_for "grep -q 'did not answer in time' '$PM2_HOME/pm2.log'" 15
	rm hang
	wait_for "health healthy && [ \$(app_pid web) != $old ]" 15
}

http__garbage_is_bad()
{
	pm2_begin
	server
	port
	checked "http://127.0.0.1:$PORT/" --health-action none
	wait_for "health healthy" 10
	pid=$(app_pid web)
	touch garbage
	wait_for "health unhealthy" 10
	check grep -q 'what is no HTTP' "$PM2_HOME/pm2.log"
	atf_check -o match:'trouble: health check' pm2ctl why web
	rm garbage
	wait_for "health healthy" 10
	check grep -q 'healthy again' "$PM2_HOME/pm2.log"
	atf_check_equal "$pid" "$(app_pid web)"
}

http__grace()
{
	pm2_begin
	server
	port
	touch bad
	checked "http://127.0.0.1:$PORT/" --health-grace 4s
	sleep 2
	atf_check_equal 0 "$(field web restart_time)"
	check health unknown
	wait_for "[ \$(field web restart_time) -gt 0 ]" 15
}

tcp__nobody_listens()
{
	pm2_begin
	server
	port
	checked "tcp:127.0.0.1:$PORT" --health-action none
	wait_for "health healthy" 10
	pm2ctl delete web >/dev/null || exit 1
	checked "tcp:127.0.0.1:1" --health-action none --health-grace 0
	wait_for "health unhealthy" 10
	check grep -q 'Connection refused' "$PM2_HOME/pm2.log"
}

exec__exit_status()
{
	pm2_begin
	server
	port
	printf '#!/bin/sh\nid -u > %s/who\n[ ! -f %s/bad ]\n' "$PWD" "$PWD" \
	    > check.sh
	chmod 755 check.sh
	checked "exec:$PWD/check.sh 'two words'" --health-action none
	wait_for "health healthy" 10
	atf_check_equal "$(id -u)" "$(cat who)"
	touch bad
	wait_for "health unhealthy" 10
	check grep -q 'the command exited with 1' "$PM2_HOME/pm2.log"
}

exec__that_hangs_is_killed_with_its_group()
{
	pm2_begin
	server
	port
	printf '#!/bin/sh\nsleep 1003 &\necho $! >> %s/pids\nwait\n' "$PWD" \
	    > check.sh
	chmod 755 check.sh
	checked "exec:$PWD/check.sh" --health-action none --health-grace 0
	wait_for "health unhealthy" 10
	check grep -q 'did not end in time' "$PM2_HOME/pm2.log"
	pm2ctl stop web >/dev/null || exit 1
	sleep 1
	while read -r pid; do
		gone "$pid" || atf_fail "$pid is left"
	done < pids
}

exec__is_the_users()
{
	pm2_begin
	dir=$(mktemp -d /tmp/pm2d.XXXXXX)
	echo "$dir" >> homes
	chmod 777 "$dir"
	cd "$dir" || exit 1
	server
	chmod 777 .
	port
	checked "exec:/bin/sh -c 'id > $dir/who; cat /proc/self/status > $dir/st'" \
	    -u $USER1
	wait_for "health healthy" 10
	check grep -q "^uid=$(id -u $USER1)" who
	check grep -q '^NoNewPrivs:	1' st
	check grep -q '^CapEff:	0000000000000000' st
	cd - >/dev/null || exit 1
}

prober__survives_its_death()
{
	pm2_begin
	server
	port
	checked "http://127.0.0.1:$PORT/" --health-action none
	wait_for "health healthy" 10
	prober=$(prober_pid)
	kill -KILL "$prober"
	wait_for "prober_pid && [ \"\$(prober_pid)\" != $prober ]" 10
	touch bad
	wait_for "health unhealthy" 10
}

prober_pid()
{
	for prober_pid in $(cat "/proc/$(pm2d_pid)"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$prober_pid/cmdline") in
		*/pm2d-probe*)	echo "$prober_pid" ;;
		esac
	done 2>/dev/null | grep .
}

prober__of_root_stays_here()
{
	pm2_begin
	server
	port
	checked "tcp:192.0.2.1:80" --health-action none --health-grace 0
	wait_for "health unhealthy" 10
	check grep -q 'only this machine' "$PM2_HOME/pm2.log"
}

names__are_refused()
{
	pm2_begin
	server
	port
	atf_check -s not-exit:0 -o ignore -e match:'localhost' pm2ctl start \
	    web.js --health-check "http://example.org:80/"
	atf_check -s not-exit:0 -o ignore -e match:'https' pm2ctl start \
	    web.js --health-check "https://127.0.0.1/"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case http__bad_restarts 60
	pm2_case http__hung_app_restarts 60
	pm2_case http__garbage_is_bad 60
	pm2_case http__grace 60
	pm2_case tcp__nobody_listens 60
	pm2_case exec__exit_status 60
	pm2_case exec__that_hangs_is_killed_with_its_group 60
	pm2_case exec__is_the_users 60 root
	pm2_case prober__survives_its_death 60
	pm2_case prober__of_root_stays_here 60 root
	pm2_case names__are_refused 60
}
