"""grpcio and Apache Avro as a client of the simulated org.
Usage: pubsub_subscriber.py <port> <authority.pem> <instance url> <tenant> <token> topic|events|error <argument>..."""
import io
import queue
import sys

import avro.io
import avro.schema
import grpc

from pubsub import LIMITS, message, tell

port, authority, instance_url, tenant, token, check, *arguments = sys.argv[1:]
FetchRequest, FetchResponse = message("FetchRequest"), message("FetchResponse")
METADATA = [("accesstoken", token), ("instanceurl", instance_url), ("tenantid", tenant)]
CREDIT = 100

with open(authority, "rb") as root:
    channel = grpc.secure_channel("localhost:" + port, grpc.ssl_channel_credentials(root.read()), options=LIMITS)
subscribe_method = channel.stream_stream("/eventbus.v1.PubSub/Subscribe", FetchRequest.SerializeToString, FetchResponse.FromString)


def unary(method, request, response):
    call = channel.unary_unary("/eventbus.v1.PubSub/" + method, type(request).SerializeToString, message(response).FromString)
    return call(request, metadata=METADATA, timeout=20)


class Schemas(dict):
    def __missing__(self, schema_id):
        info = unary("GetSchema", message("SchemaRequest")(schema_id=schema_id), "SchemaInfo")
        assert info.schema_id == schema_id
        self[schema_id] = avro.schema.parse(info.schema_json)
        return self[schema_id]


def bits(spelled):
    """The positions in a bitmap: the lowest bit of its last byte is 0."""
    number = int(spelled, 16)
    return [i for i in range(number.bit_length()) if number >> i & 1]


def names(schema, bitmaps):
    """changedFields and nulledFields as names: a field, or field.part."""
    found = []
    for bitmap in bitmaps:
        position, dash, nested = bitmap.partition("-")
        if not dash:
            found += [schema.fields[i].name for i in bits(bitmap)]
            continue
        field = schema.fields[int(position)]
        record = next(branch for branch in field.type.schemas if branch.type == "record")
        found += ["%s.%s" % (field.name, record.fields[i].name) for i in bits(nested)]
    return found


def decode(delivered, schemas):
    schema = schemas[delivered.event.schema_id]
    payload = io.BytesIO(delivered.event.payload)
    body = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(payload))
    assert payload.read() == b"", "bytes are left over"
    header = body.pop("ChangeEventHeader")
    for bitmaps in ("changedFields", "nulledFields", "diffFields"):
        header[bitmaps] = names(schema, header[bitmaps])
    # Ten bytes, of which the last two are zero: the number alone is what others show.
    assert len(delivered.replay_id) == 10 and delivered.replay_id[8:] == b"\0\0"
    return {"replayId": int.from_bytes(delivered.replay_id[:8], "big"), "schemaId": delivered.event.schema_id, "header": header, "body": body}


def events(topic, count, after=None):
    """The events from the earliest on, or after an id in hex; credit is given again at half."""
    requests, schemas, seen = queue.SimpleQueue(), Schemas(), 0
    first = {"replay_preset": 2, "replay_id": bytes.fromhex(after)} if after else {"replay_preset": 1}
    requests.put(FetchRequest(topic_name=topic, num_requested=CREDIT, **first))
    for response in subscribe_method(iter(requests.get, None), metadata=METADATA):
        for delivered in response.events:
            tell(decode(delivered, schemas))
        seen += len(response.events)
        if seen >= int(count):
            requests.put(None)
            return
        if response.pending_num_requested <= CREDIT // 2:
            requests.put(FetchRequest(num_requested=CREDIT - response.pending_num_requested))


def topic_info(name):
    info = unary("GetTopic", message("TopicRequest")(topic_name=name), "TopicInfo")
    tell({"topic": info.topic_name, "tenant": info.tenant_guid, "schemaId": info.schema_id, "canSubscribe": info.can_subscribe, "canPublish": info.can_publish})


def error(method, argument):
    """What a call that must fail ends with."""
    try:
        {"Subscribe": lambda: events("/data/ChangeEvents", 1, argument), "GetTopic": lambda: topic_info(argument), "GetSchema": lambda: Schemas()[argument]}[method]()
        tell({"code": 0})
    except grpc.RpcError as failure:
        trailers = dict(failure.trailing_metadata() or ())
        tell({"code": failure.code().value[0], "errorCode": trailers.get("error-code"), "type": trailers.get("type"),
              "namesItsCall": bool(trailers.get("rpc-id")) and trailers["rpc-id"] in failure.details()})


{"events": events, "topic": topic_info, "error": error}[check](*arguments)
