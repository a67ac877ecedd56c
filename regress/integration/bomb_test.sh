# Apps that make processes without end.  Alone: where no control groups are to
# be had they leave no process numbers for other tests.

stop__a_fork_bomb()
{
	pm2_begin
	# bounded in number at any time, without end in time: each process
	# makes its successor and dies
	cat > bomb.py <<'END'
import os, signal, time
for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(s, signal.SIG_IGN)
def chain():
    os.setsid()
    end = time.time() + 40
    while time.time() < end:
        if os.fork():
            os._exit(0)
        with open("alive", "a") as f:
            f.write("x")
for i in range(24):
    if os.fork() == 0:
        chain()
        os._exit(0)
time.sleep(1000)
END
	pm2ctl start --kill-timeout 300ms --no-wait bomb.py >/dev/null || exit 1
	wait_for "test -s alive" 10
	sleep 0.5
	atf_check -o ignore -e ignore pm2ctl stop bomb.py
	check is bomb.py stopped
	before=$(wc -c < alive)
	sleep 0.5
	atf_check_equal "$before" "$(wc -c < alive)"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case stop__a_fork_bomb 100
}
