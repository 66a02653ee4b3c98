"""A grpcio (C-core) client for our server. Usage: grpc_client.py <check> <port> <tls port> <authority.pem>
Prints what it saw as one line of JSON."""
import queue
import sys

import grpc

from pubsub import LIMITS, message, tell

check, port, tls_port, authority = sys.argv[1:5]
FetchRequest, FetchResponse = message("FetchRequest"), message("FetchResponse")
if check == "tls":
    with open(authority, "rb") as root:
        channel = grpc.secure_channel("localhost:" + tls_port, grpc.ssl_channel_credentials(root.read()), options=LIMITS)
else:
    channel = grpc.insecure_channel("127.0.0.1:" + port, options=LIMITS)
subscribe_method = channel.stream_stream("/eventbus.v1.PubSub/Subscribe", FetchRequest.SerializeToString, FetchResponse.FromString)


def error_of(error):
    trailers = dict(error.trailing_metadata() or ())
    return {
        "code": error.code().value[0],
        "details": error.details(),
        "errorCode": trailers.get("error-code"),
        "binary": trailers["details-bin"].hex() if "details-bin" in trailers else None,
    }


def unary(method, request, response, timeout=None):
    call = channel.unary_unary("/eventbus.v1.PubSub/" + method, type(request).SerializeToString, response.FromString)
    return call(request, metadata=(("tenantid", "00D1"),), timeout=timeout)


def get_topic(name, timeout=None):
    try:
        info = unary("GetTopic", message("TopicRequest")(topic_name=name), message("TopicInfo"), timeout)
        return {"topic_name": info.topic_name, "tenant_guid": info.tenant_guid}
    except grpc.RpcError as error:
        return error_of(error)


def get_schema():
    try:
        unary("GetSchema", message("SchemaRequest")(schema_id="x"), message("SchemaInfo"))
        return {"code": 0}
    except grpc.RpcError as error:
        return error_of(error)


def open_subscription(topic):
    requests = queue.SimpleQueue()
    requests.put(FetchRequest(topic_name=topic, num_requested=1))
    return requests, subscribe_method(iter(requests.get, None))


def finish(topic):
    """Sends one request and gives what came until the end."""
    requests, call = open_subscription(topic)
    seen = []
    try:
        for response in call:
            seen.append(response.rpc_id)
            if topic == "hold":
                call.cancel()
        return {"seen": seen, "code": call.code().value[0]}
    except grpc.RpcError as error:
        return {"seen": seen, **error_of(error)}
    finally:
        requests.put(None)


def bidi():
    requests, call = open_subscription("0")
    seen = []
    for response in call:
        seen.append(response.rpc_id)
        requests.put(FetchRequest(topic_name=str(len(seen))) if len(seen) < 5 else None)
    return {"seen": seen, "code": call.code().value[0]}


def large():
    payload = b"a" * (5 << 20)
    request = message("PublishRequest")()
    request.events.add().payload = payload
    return {"same": unary("Publish", request, message("PublishResponse")).results[0].replay_id == payload}


def streams():
    calls = [open_subscription("together") for _ in range(150)]
    ended = 0
    for requests, call in calls:
        ended += list(call) == [] and call.code() is grpc.StatusCode.OK
        requests.put(None)
    return {"ended": ended}


tell({
    "unary": lambda: get_topic("/data/ChangeEvents"),
    "tls": lambda: get_topic("/data/ChangeEvents"),
    "error": lambda: get_topic("error"),
    "unimplemented": get_schema,
    "deadline": lambda: get_topic("sleep", 0.3),
    "earlyError": lambda: finish("early error"),
    "lateError": lambda: finish("late error"),
    "cancel": lambda: finish("hold"),
    "streams": streams,
    "large": large,
    "bidi": bidi,
}[check]())
