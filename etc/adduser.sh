#!/bin/sh
#
# As root: the system users that the daemons run as.  Never fatal; pm2d says
# it loudly when one is not there.

[ "$(id -u)" -eq 0 ] || exit 0
[ "${SYSUSER:-yes}" = yes ] || exit 0

# make_user user program what-it-is
make_user()
{
	if id "$1" >/dev/null 2>&1; then
		echo "system user $1 is there"
	elif command -v useradd >/dev/null 2>&1 &&
	    useradd --system --no-create-home --home-dir /nonexistent \
	    --shell /usr/sbin/nologin --user-group \
	    --comment "$3" "$1"; then
		echo "system user $1 made"
	elif command -v adduser >/dev/null 2>&1 &&
	    adduser -S -D -H -h /nonexistent -s /sbin/nologin "$1"; then
		echo "system user $1 made"
	else
		echo "no system user $1 could be made: $2 will run as root" >&2
	fi
}

make_user _pm2logd pm2logd "pm2d log daemon"
make_user _pm2d pm2d-engine "pm2d engine"
exit 0
