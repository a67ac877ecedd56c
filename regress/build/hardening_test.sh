# The programs as they are shipped: how they were compiled and linked, and
# what they call.  readelf and nm tell.

PROGRAMS="sbin/pm2d libexec/pm2d/pm2d-engine libexec/pm2d/pm2d-conf
    libexec/pm2d/pm2d-watch libexec/pm2d/pm2d-probe sbin/pm2logd bin/pm2ctl"
DAEMONS="sbin/pm2d libexec/pm2d/pm2d-engine libexec/pm2d/pm2d-conf
    libexec/pm2d/pm2d-watch libexec/pm2d/pm2d-probe sbin/pm2logd"

banned="system popen strcpy strcat sprintf vsprintf gets vfork tmpnam mktemp
    alloca __strcpy_chk __strcat_chk __sprintf_chk __vsprintf_chk __gets_chk"

undefined()
{
	nm -uD "$1" | sed -n 's/^ *[Uw] \([^@]*\).*/\1/p'
}

# each_program check: run it for each, $file is the program
each_program()
{
	for file in $PROGRAMS; do
		file=$PM2D_SHIP/$file
		echo "$file"
		"$1" || atf_fail "$file: $1"
	done
}

position_independent()
{
	readelf -hW "$file" | grep -q 'Type: *DYN' &&
	    readelf -dW "$file" | grep -q 'FLAGS_1.*PIE'
}

relro_and_now()
{
	readelf -lW "$file" | grep -q GNU_RELRO &&
	    readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.*NOW'
}

stack_not_executable()
{
	readelf -lW "$file" | grep GNU_STACK | grep -q ' RW ' &&
	    ! readelf -lW "$file" | grep -E '^ +[A-Z_]+ +0x' | grep -q 'RWE'
}

code_apart()
{
	# with separate-code no loaded segment is both read-only data and code
	[ "$(readelf -lW "$file" | grep -c '^ *LOAD')" -ge 4 ]
}

no_search_path_nor_textrel()
{
	! readelf -dW "$file" | grep -E 'RPATH|RUNPATH|TEXTREL'
}

stack_protected()
{
	undefined "$file" | grep -qx __stack_chk_fail
}

fortified()
{
	undefined "$file" | grep -qE '^__[a-z]+_chk$'
}

calls_nothing_banned()
{
	for symbol in $banned; do
		! undefined "$file" | grep -x "$symbol" || return 1
	done
}

for check in position_independent relro_and_now stack_not_executable \
    code_apart no_search_path_nor_textrel stack_protected fortified \
    calls_nothing_banned; do
	eval "atf_test_case program__$check
	program__${check}_head() { atf_set require.progs 'readelf nm'; }
	program__${check}_body() { each_program $check; }"
done

# (Of the parent's only NOTIFY_SOCKET matters: main() hands its environment to
# whoever looks for that, once, and clears it.  getenv() is in none of them.)
atf_test_case daemon__reads_no_environment
daemon__reads_no_environment_body()
{
	for file in $DAEMONS; do
		! undefined "$PM2D_SHIP/$file" | grep -x getenv ||
		    atf_fail "$file calls getenv"
	done
}

# the names of the libraries that a program needs, directly or not
libraries()
{
	ldd "$1" | sed -n 's/^[[:space:]]*\([^ ]*\) =>.*/\1/p' |
	    sed 's/\.so.*//' | LC_ALL=C sort | tr '\n' ' '
}

atf_test_case pm2d__links_only_libc_event_and_bsd
pm2d__links_only_libc_event_and_bsd_body()
{
	for library in $(libraries "$PM2D_SHIP/sbin/pm2d"); do
		case $library in
		libc|libevent_core*|libbsd|libmd|linux-vdso)	;;
		*)	atf_fail "pm2d needs $library" ;;
		esac
	done
}

atf_test_case pm2logd__links_no_json
pm2logd__links_no_json_body()
{
	for library in $(libraries "$PM2D_SHIP/sbin/pm2logd"); do
		case $library in
		libc|libevent_core*|libbsd|libmd|libz|libseccomp|linux-vdso) ;;
		*)	atf_fail "pm2logd needs $library" ;;
		esac
	done
}

atf_test_case engine__links_no_more_than_it_needs
engine__links_no_more_than_it_needs_body()
{
	engine=$PM2D_SHIP/libexec/pm2d/pm2d-engine
	for library in $(libraries "$engine"); do
		case $library in
		libc|libm|libevent_core*|libbsd|libmd|libjansson|linux-vdso) ;;
		*)	atf_fail "pm2d-engine needs $library" ;;
		esac
	done
}

atf_test_case agents__link_no_more_than_they_need
agents__link_no_more_than_they_need_body()
{
	for agent in pm2d-watch pm2d-probe; do
		for library in $(libraries \
		    "$PM2D_SHIP/libexec/pm2d/$agent"); do
			case $library in
			libc|libevent_core*|libbsd|libmd|linux-vdso) ;;
			*)	atf_fail "$agent needs $library" ;;
			esac
		done
	done
}

atf_test_case conf__links_libc_and_bsd
conf__links_libc_and_bsd_body()
{
	for library in $(libraries "$PM2D_SHIP/libexec/pm2d/pm2d-conf"); do
		case $library in
		libc|libbsd|libmd|linux-vdso) ;;
		*)	atf_fail "pm2d-conf needs $library" ;;
		esac
	done
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	for check in position_independent relro_and_now \
	    stack_not_executable code_apart no_search_path_nor_textrel \
	    stack_protected fortified calls_nothing_banned; do
		atf_add_test_case program__$check
	done
	atf_add_test_case daemon__reads_no_environment
	atf_add_test_case pm2d__links_only_libc_event_and_bsd
	atf_add_test_case pm2logd__links_no_json
	atf_add_test_case conf__links_libc_and_bsd
	atf_add_test_case engine__links_no_more_than_it_needs
	atf_add_test_case agents__link_no_more_than_they_need
}
