"""How gunicorn serves the web side: `gunicorn -c python:advosync_project.web advosync_project.wsgi`.

One process with threads: pages wait for the database, not for a processor, and with SANDBOX the stand-ins keep
their call log and faults in that process's memory. In production more workers may be given on the command line.
"""

import os

from advosync_project import environment, places
from advosync_project.processes import die_with_parent

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
# Calls of other programs wait for Advoware: as many threads more, so that they take none from pages and webhooks.
environment.load_env_file(places.env_file())
_settings = environment.read(os.environ)
threads = 8 + (_settings["PROXY_PARALLEL"] if _settings["PROXY_ENABLED"] else 0)
# EspoCRM gives a webhook 10 seconds; no page of ours waits for a remote system.
timeout = 60
graceful_timeout = 5
keepalive = 5
# A program's query may have 30 parameters of 500 characters, more than any number that gunicorn takes here; how long a
# line may be says nginx (large_client_header_buffers), and the proxy judges what is in it.
limit_request_line = 0
control_socket_disable = True
errorlog = "-"
loglevel = "warning"

die_with_parent()
