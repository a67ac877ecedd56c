# The manual page says what pm2ctl does, and its examples work.

page()
{
	mandoc -Tutf8 "$PM2D_SOURCES/pm2ctl/pm2ctl.1" | col -b | expand
}

# The lines of a section.
section()
{
	page | awk -v name="$1" '/^[A-Z]/ { on = $0 == name } on'
}

page__is_clean()
{
	atf_check mandoc -Tlint -Wwarning "$PM2D_SOURCES/pm2ctl/pm2ctl.1"
}

# "Usage: pm2ctl [options] <command> ..." without its angle brackets.
page__synopsis_is_usage()
{
	pm2_begin
	pm2ctl --help | sed -n 's/^ *Usage: //p' | tr -d '<>' > usage
	section SYNOPSIS | sed '1d; /^$/d; s/^ *//' > synopsis
	atf_check cmp usage synopsis
}

page__has_every_command_and_option()
{
	pm2_begin
	pm2ctl --help > help
	awk '/^  Commands:/ { on = 1; next } /^  [A-Z]/ { on = 0 }
	    on && NF { print $1 }' help | sort > have
	page | awk '/^   Commands/ { on = 1; next } /^   [A-Z]/ { on = 0 }
	    on && /^     [a-z]/ { print $1 }' | sort -u > told
	atf_check grep -qx start have
	# the prose before the list begins in the same column
	while read -r command; do
		grep -qx -- "$command" told ||
		    atf_fail "no word of the command $command"
	done < have
	awk '/^  Options:/ { on = 1; next } on' help |
	    grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
	    sort > have
	section DESCRIPTION | awk '/^   Options/ { on = 1; next } on' |
	    grep -oE '^     (-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
	    sort -u > told
	atf_check diff have told
}

page__names_commands_in_order()
{
	sed -n '/^\.Ss Commands/,/^\.Ss Options/s/^\.It Cm \([^ ]*\).*/\1/p' \
	    "$PM2D_SOURCES/pm2ctl/pm2ctl.1" > named
	[ "$(wc -l < named)" -ge 20 ] || atf_fail "$(cat named)"
	LC_ALL=C sort -f named > sorted
	atf_check diff named sorted
}

# Every key with its other names, its type and its default.
page__has_every_key()
{
	"$(atf_get_srcdir)/h_keys" > have
	[ "$(wc -l < have)" -ge 60 ] || atf_fail "$(cat have)"
	sed -n '/^\.Sh PROCESS FILES/,/^\.Sh CLUSTER/s/^\.It Va/&/p' \
	    "$PM2D_SOURCES/pm2ctl/pm2ctl.1" > told
	atf_check diff have told
}

page__shows_the_example()
{
	pm2_begin
	sed -n '/^\.Pa apps.yaml/,/^\.Ed/p' \
	    "$PM2D_SOURCES/pm2ctl/pm2ctl.1" | sed '1,2d; $d' > shown
	atf_check cmp shown "$EXAMPLES/apps.yaml"
}

page__examples_work()
{
	pm2_begin
	section EXAMPLES | awk '
	    /^ *\$ / { sub(/^ *\$ /, ""); on = 1 }
	    on { more = sub(/\\$/, ""); printf "%s", $0
	        if (!more) { print ""; on = 0 } }' > examples
	[ "$(wc -l < examples)" -ge 10 ] || atf_fail "$(cat examples)"
	while read -r line <&3; do
		echo "$line"
		sh -c "$line" < /dev/null > out 2> err 3<&- || {
			cat out err
			atf_fail "$line"
		}
	done 3< examples
	atf_check grep -q '"name":"nap"' apps.json
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case page__is_clean
	pm2_case page__synopsis_is_usage
	pm2_case page__has_every_command_and_option
	pm2_case page__names_commands_in_order
	pm2_case page__has_every_key
	pm2_case page__shows_the_example
	pm2_case page__examples_work 120
}
