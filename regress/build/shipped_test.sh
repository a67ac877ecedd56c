# The programs as they are shipped, sandboxes in force: a day's work of the
# log daemon must not need what it may not do.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

shipped__works_in_its_sandbox()
{
	pm2_begin "$PM2D_SHIP"
	script talk.sh 'i=0; while :; do i=$((i + 1)); echo line $i
echo error $i >&2; sleep 0.005; done'
	pm2ctl start talk.sh -n plain >/dev/null || exit 1
	pm2ctl start -f talk.sh -n time --time >/dev/null || exit 1
	pm2ctl start -f talk.sh -n json --log-type json >/dev/null || exit 1
	pm2ctl start -f talk.sh -n rot --log-max-size 2K --log-keep 3 \
	    --log-compress >/dev/null || exit 1
	pm2ctl start -f talk.sh -n own -o own.log >/dev/null || exit 1
	logd=$(logd_pid)
	wait_for "ls '$PM2_HOME/logs' | grep -q 'rot-out-3.log.*gz'" 20
	timeout 2 pm2ctl logs > followed 2>&1
	[ "$(grep -c line followed)" -gt 20 ] || atf_fail "nothing to follow"
	atf_check -o ignore -e ignore pm2ctl flush
	mv "$PM2_HOME/logs/plain-out-0.log" moved
	atf_check -o ignore -e ignore pm2ctl reloadLogs
	wait_for "test -s '$PM2_HOME/logs/plain-out-0.log'" 10
	atf_check -o ignore -e ignore pm2ctl describe plain
	atf_check -o ignore -e ignore pm2ctl restart all
	atf_check -o ignore -e ignore pm2ctl delete time json
	atf_check -o not-empty -e ignore pm2ctl doctor
	atf_check_equal "$logd" "$(logd_pid)"
	! grep -iE 'signal 31|SIGSYS|bad system call' "$PM2_HOME/pm2.log" ||
	    atf_fail "killed by its sandbox"
}

sandbox__is_in_force()
{
	pm2_begin "$PM2D_SHIP"
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	atf_check -o match:'^NoNewPrivs:	1$' -o match:'^Seccomp:	2$' \
	    cat "/proc/$(logd_pid)/status"
	# dumpable 0: its memory and environment belong to root
	if [ "$(id -u)" -ne 0 ]; then
		for pid in $(pm2d_pid) $(logd_pid); do
			atf_check -s not-exit:0 -o ignore -e ignore \
			    head -c 1 "/proc/$pid/environ"
		done
	fi
	atf_check_equal "600" "$(stat -c %a "$PM2_HOME/pm2d.sock")"
}

restart__after_kill9_of_the_log_daemon()
{
	pm2_begin "$PM2D_SHIP"
	script talk.sh 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.01
done'
	pm2ctl start talk.sh >/dev/null || exit 1
	pid=$(app_pid talk.sh)
	for i in 1 2 3; do
		logd=$(logd_pid)
		kill -KILL "$logd"
		wait_for "[ -n \"\$(logd_pid)\" ]" 10
		size=$(wc -c < "$PM2_HOME/logs/talk.sh-out-0.log")
		wait_for "[ \$(wc -c < '$PM2_HOME/logs/talk.sh-out-0.log') \
		    -gt $((size + 50)) ]" 10
	done
	atf_check_equal "$pid" "$(app_pid talk.sh)"
}

alias__pm2_is_pm2ctl()
{
	pm2_begin "$PM2D_SHIP"
	atf_check -o match:online -e ignore pm2 start sleep -- 1000
	atf_check -o match:'sleep' pm2 list
	atf_check -o save:a pm2 --version
	atf_check -o save:b pm2ctl --version
	atf_check cmp a b
}

version__of_all_programs_agrees()
{
	pm2_begin "$PM2D_SHIP"
	version=$(pm2d -V | sed 's/.* //')
	atf_check -o match:"$version" pm2ctl -V
	# not for people: it says so and ends
	atf_check -s exit:1 -o ignore -e not-empty pm2logd
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case shipped__works_in_its_sandbox 100
	pm2_case sandbox__is_in_force
	pm2_case restart__after_kill9_of_the_log_daemon
	pm2_case alias__pm2_is_pm2ctl
	pm2_case version__of_all_programs_agrees
}
