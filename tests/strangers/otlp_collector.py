"""A grpcio (C-core) server that takes what OTLP exporters send. First line: {"port"}; then for each call {"path", "request"}, the request as it came, in base64.
It answers an empty message: everything was taken."""
import base64
import time
from concurrent import futures

import grpc

from pubsub import LIMITS, tell


class Everything(grpc.GenericRpcHandler):
    def service(self, call):
        def take(request, context):
            tell({"path": call.method, "request": base64.b64encode(request).decode()})
            return b""
        return grpc.unary_unary_rpc_method_handler(take, None, None)


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=LIMITS)
server.add_generic_rpc_handlers((Everything(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
tell({"port": port})
while True:
    time.sleep(3600)
