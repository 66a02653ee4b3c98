"""A grpcio (C-core) server for our client. Usage: grpc_server.py <certificate.pem> <key.pem>
What it does with a call is chosen by the topic name. First line: {"port", "tlsPort"}."""
import sys
import threading
import time
from concurrent import futures

import grpc

from pubsub import LIMITS, message, tell

FetchRequest, FetchResponse = message("FetchRequest"), message("FetchResponse")
TopicRequest, TopicInfo = message("TopicRequest"), message("TopicInfo")
PublishRequest, PublishResponse = message("PublishRequest"), message("PublishResponse")
together = threading.Barrier(150)


def fail(context):
    context.set_trailing_metadata((
        ("error-code", "sfdc.platform.eventbus.grpc.topic.not.found"),
        ("details-bin", bytes([0, 1, 250])),
    ))
    context.abort(grpc.StatusCode.NOT_FOUND, "kein Thema \u2603 100%")


def get_topic(request, context):
    if request.topic_name == "error":
        fail(context)
    if request.topic_name == "sleep":
        gone = threading.Event()
        context.add_callback(gone.set)
        gone.wait(60)
    return TopicInfo(topic_name=request.topic_name, tenant_guid=dict(context.invocation_metadata()).get("tenantid", ""))


def publish(request, context):
    response = PublishResponse()
    response.results.add().replay_id = request.events[0].payload
    return response


def subscribe(requests, context):
    for request in requests:
        if request.topic_name == "early error":
            fail(context)
        elif request.topic_name == "late error":
            yield FetchResponse(rpc_id="one")
            fail(context)
        elif request.topic_name == "hold":
            context.add_callback(lambda: tell({"cancelled": True}))
            yield FetchResponse(rpc_id="held")
        elif request.topic_name == "together":
            together.wait(60)
            return
        else:
            yield FetchResponse(rpc_id=request.topic_name, latest_replay_id=request.replay_id, pending_num_requested=request.num_requested)


server = grpc.server(futures.ThreadPoolExecutor(max_workers=200), options=LIMITS)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("eventbus.v1.PubSub", {
    "GetTopic": grpc.unary_unary_rpc_method_handler(get_topic, TopicRequest.FromString, TopicInfo.SerializeToString),
    "Publish": grpc.unary_unary_rpc_method_handler(publish, PublishRequest.FromString, PublishResponse.SerializeToString),
    "Subscribe": grpc.stream_stream_rpc_method_handler(subscribe, FetchRequest.FromString, FetchResponse.SerializeToString),
}),))
with open(sys.argv[1], "rb") as certificate, open(sys.argv[2], "rb") as key:
    credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
port = server.add_insecure_port("127.0.0.1:0")
tls_port = server.add_secure_port("127.0.0.1:0", credentials)
server.start()
tell({"port": port, "tlsPort": tls_port})
while True:
    time.sleep(3600)
