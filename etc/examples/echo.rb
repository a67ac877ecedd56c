#!/usr/bin/env ruby
# pm2ctl start echo.rb
$stdout.sync = true
loop do
  puts "ok from ruby"
  sleep 1
end
