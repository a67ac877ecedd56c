# pm2ctl start hello.coffee (needs "npm install -g coffeescript")
http = require 'http'

server = http.createServer (req, res) ->
  res.end "#{process.pid} says hello\n"

server.listen process.env.PORT or 8000
