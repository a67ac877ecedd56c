# Where an app has its environment from, and who sees what.

# Prints what it has of these, sorted, into the file "got".
app()
{
	cat > app.sh <<'END'
env | grep -E '^(A|B|C|D|K|CANARY)=' | sort > got.tmp
mv got.tmp got
exec sleep 1000
END
}

# got text: what the app has, once it is there
got()
{
	wait_for '[ -f got ]'
	printf '%s\n' "$@" > want
	diff want got || atf_fail "not the environment that was wanted"
	rm got
}

files()
{
	app
	printf 'B=file # comment\nexport C="of\\tfile"\n' > app.env
	echo canary-in-a-file > key
	chmod 600 app.env key
}

layers__read_at_each_start()
{
	pm2_begin
	files
	A=shell B=shell check pm2ctl start app.sh --env-file app.env \
	    --secret-file "K=$PWD/key"
	got A=shell B=file "C=of	file" K=canary-in-a-file
	printf 'B="new\\\nline"\nD=4\n' > app.env
	echo other > key
	check pm2ctl restart app
	got A=shell B=newline D=4 K=other
	# pm2d's own restarts read it, too
	echo 'B=own' > app.env
	kill -KILL "$(app_pid app.sh)"
	got A=shell B=own K=other
}

files__of_the_wrong_mode()
{
	pm2_begin
	files
	for mode in 604 620 602 666; do
		chmod $mode app.env
		pm2ctl start app.sh -f -n m$mode --env-file app.env \
		    > out 2> err && atf_fail "mode $mode was good enough"
		grep -q "env_file $PWD/app.env: .*(chmod 600)" err ||
		    fail_with err
	done
	chmod 640 app.env
	check pm2ctl start app.sh -f -n good --env-file app.env
	chmod 644 key
	pm2ctl start app.sh -f -n key --secret-file "K=$PWD/key" \
	    > out 2> err && atf_fail "a secret that all can read"
	grep -q "secret_file $PWD/key: others can read it (chmod 600)" err ||
	    fail_with err
}

files__bad_ones()
{
	pm2_begin
	files
	printf 'A=1\n\nhunter2\n' > app.env
	pm2ctl start app.sh -n line --env-file app.env > out 2> err &&
	    atf_fail "a line without a '='"
	grep -q "app.env: line 3 has no '=' after the name" err ||
	    fail_with err
	! grep -rq hunter2 "$PM2_HOME" err out ||
	    atf_fail "the line was shown"
	check test "$(field line status)" = errored
	ln -s key link
	mkfifo fifo
	mkdir dir
	chmod 700 dir
	chmod 600 fifo
	for what in link:symbolic fifo:regular dir:directory none:no; do
		pm2ctl start app.sh -f -n "${what%:*}" \
		    --secret-file "K=$PWD/${what%:*}" > out 2> err &&
		    atf_fail "$what was read"
		grep -q "${what%:*}: .*${what#*:}" err || fail_with err
	done
}

# With a process file that says so, and an update of it.
secrets__are_nowhere()
{
	pm2_begin
	app
	cat > p.json <<'END'
{ "apps": [ { "name": "s", "script": "app.sh",
    "env": { "A": "1", "K": "shown" },
    "secret": { "K": "canary-of-the-file" } } ] }
END
	chmod 600 p.json
	check pm2ctl start p.json
	got A=1 K=canary-of-the-file
	for cmd in list jlist prettylist "describe s" "env 0" "logs --nostream" \
	    doctor; do
		# shellcheck disable=SC2086
		pm2ctl $cmd > out 2>&1 || :
		! grep -q canary out || fail_with out
	done
	! grep -q canary "$PM2_HOME/pm2.log" || fail_with "$PM2_HOME/pm2.log"
	grep -q canary "$PM2_HOME/pm2d.state" ||
	    atf_fail "it would not be there after a crash"
	check test "$(stat -c %a "$PM2_HOME/pm2d.state")" = 600
}

# The user reads it, not root; and must be able to.
files__read_as_the_user()
{
	pm2_begin
	chmod 755 .
	scripts=$(mktemp -d /tmp/pm2d.XXXXXX)
	chmod 755 "$scripts"
	echo "$scripts" >> homes
	mkdir -m 777 "$scripts/out"
	cat > "$scripts/app.sh" <<END
env | grep -E '^(A|B)=' | sort > $scripts/out/got
exec sleep 1000
END
	chmod 755 "$scripts/app.sh"
	echo B=mine > "$scripts/mine"
	echo B=his > "$scripts/his"
	echo B=roots > "$scripts/roots"
	chmod 600 "$scripts/mine" "$scripts/his" "$scripts/roots"
	chown $USER1 "$scripts/mine"
	chown $USER2 "$scripts/his"
	A=1 check pm2ctl start "$scripts/app.sh" -n mine -u $USER1 \
	    --env-file "$scripts/mine"
	wait_for "grep -qx B=mine $scripts/out/got"
	for what in his:another roots:denied; do
		pm2ctl start "$scripts/app.sh" -f -n "${what%:*}" -u $USER1 \
		    --env-file "$scripts/${what%:*}" > out 2> err &&
		    atf_fail "$what was read"
		grep -q "${what%:*}: .*${what#*:}" err || fail_with err
	done
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case layers__read_at_each_start
	pm2_case files__of_the_wrong_mode
	pm2_case files__bad_ones
	pm2_case secrets__are_nowhere
	pm2_case files__read_as_the_user 60 root
}
