#!/usr/bin/env perl
# pm2ctl start echo.pl
use strict;
use warnings;

$| = 1;
while (1) {
	print "ok from perl\n";
	sleep 1;
}
