# The preload of cluster workers with the node of this machine, and a primary
# that drain.py makes.  NODE_BINARY: another one.

drain_case()
{
	atf_test_case "$1"
	eval "${1}_head() { atf_set timeout 120; }
	${1}_body() { drain_run '$1' '${2:-}'; }"
	atf_add_test_case "$1"
}

drain_run()
{
	node=${NODE_BINARY:-$(command -v node)} ||
	    atf_skip "there is no node here"
	command -v python3 > /dev/null || atf_skip "there is no python3 here"
	[ -z "$2" ] || command -v "$2" > /dev/null ||
	    atf_skip "there is no $2 here"
	atf_check -o ignore -e ignore python3 "$(atf_get_srcdir)/drain.py" \
	    "$node" "$(atf_get_srcdir)/../../pm2d/drain.cjs" "$1"
}

atf_init_test_cases()
{
	for name in nothing_open request_in_work keepalive_clients \
	    silent_connections first_request_late app_says_keepalive \
	    upgraded pipelined messages_of_the_app no_server fork_mode \
	    children_and_threads no_trace_in_globals http2; do
		drain_case "$name"
	done
	for name in https https_upgraded https2; do
		drain_case "$name" openssl
	done
}
