# scale: more instances of what is there, and what becomes of them.

begin()
{
	pm2_begin
	cat > app.sh <<-'END'
		#!/bin/sh
		echo "$NODE_APP_INSTANCE" > "$OUT/$pm_id"
		exec sleep 1000
	END
	chmod +x app.sh
	mkdir seen
	OUT=$(pwd)/seen
	export OUT
	atf_check -o ignore -e ignore pm2ctl start app.sh -n app -i 2
}

# numbers id=instance...: what the processes that run were told, all of them
numbers()
{
	for pair; do
		wait_for "[ \"\$(cat seen/${pair%=*})\" = '${pair#*=}' ]" 10
	done
	atf_check_equal $# "$(ls seen | wc -l)"
	atf_check_equal $# "$(count_status online)"
}

scale__lowest_free_numbers()
{
	begin
	atf_check -o ignore -e ignore pm2ctl scale app 4
	numbers 0=0 1=1 2=2 3=3
	for id in 0 2; do
		atf_check -o ignore -e ignore pm2ctl delete $id
		rm seen/$id
	done
	# what does not belong to it has ids and numbers of its own
	atf_check -o ignore -e ignore pm2ctl start -f app.sh -n other
	atf_check -o ignore -e ignore pm2ctl scale app +3
	numbers 1=1 3=3 4=0 5=0 6=2 7=4
}

scale__after_a_crash_all_come_back()
{
	begin
	atf_check -o ignore -e ignore pm2ctl scale app 3
	atf_check -o ignore -e ignore pm2ctl delete 0
	atf_check -o ignore -e ignore pm2ctl scale app +1
	rm seen/0
	numbers 1=1 2=2 3=0
	pid=$(pm2d_pid)
	rm seen/*
	kill -KILL "$pid"
	wait_for "gone $pid" 5
	pm2ctl ping >/dev/null || exit 1
	wait_for "[ \$(count_status online) -eq 3 ]" 20
	numbers 1=1 2=2 3=0
	atf_check -o ignore -e ignore pm2ctl scale app +1
	numbers 1=1 2=2 3=0 4=3
	atf_check -o ignore -e ignore pm2ctl scale app 1
	atf_check_equal 1 "$(count_status online)"
	check is 3 online
}

scale__starts_new_ones_only()
{
	begin
	first=$(app_pid 0)
	atf_check -o ignore -e ignore pm2ctl stop 1
	rm seen/1
	atf_check -o ignore -e ignore pm2ctl scale app 3
	atf_check_equal "$first" "$(app_pid 0)"
	check is 1 stopped
	check is 2 online
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case scale__lowest_free_numbers
	pm2_case scale__after_a_crash_all_come_back
	pm2_case scale__starts_new_ones_only
}
