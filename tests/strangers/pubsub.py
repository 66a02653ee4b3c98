"""The service as grpcio sees it. The messages come from the descriptor that the test hands over: generated code would tie the
tests to one protobuf runtime."""
import base64
import json
import os
import sys

from google.protobuf import descriptor_pool, message_factory

_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(base64.b64decode(os.environ["PUBSUB_DESCRIPTOR"]))

LIMITS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20)]


def message(name):
    descriptor = _pool.FindMessageTypeByName("eventbus.v1." + name)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_pool).GetPrototype(descriptor)


def tell(document):
    """Tests read one JSON document per line."""
    print(json.dumps(document), flush=True)
    sys.stdout.flush()
