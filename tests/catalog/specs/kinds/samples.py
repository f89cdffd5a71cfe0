"""Descriptions of our own in every language that is read."""

from __future__ import annotations

ASYNC_2 = """
asyncapi: 2.6.0
info: { title: Parcel news, version: 1.4.0, description: Where parcels are. }
servers:
  live: { url: broker.kestrel.example, protocol: mqtt, description: The live one }
channels:
  parcels/{number}/moved:
    description: A parcel came somewhere else.
    parameters:
      number: { schema: { type: string }, description: The number on the label. }
    subscribe:
      operationId: onParcelMoved
      summary: Hear that a parcel moved.
      message: { $ref: '#/components/messages/ParcelMoved' }
    publish:
      summary: Tell that a parcel moved.
      message:
        oneOf:
          - $ref: '#/components/messages/ParcelMoved'
components:
  messages:
    ParcelMoved:
      name: ParcelMoved
      summary: One move of one parcel.
      contentType: application/json
      payload: { $ref: '#/components/schemas/Move' }
  schemas:
    Move:
      type: object
      required: [number]
      properties:
        number: { type: string, description: 'The <script>alert(1)</script> number.' }
        town: { type: string }
"""
ASYNC_3 = """
asyncapi: 3.0.0
info: { title: Parcel news, version: 2.0.0 }
channels:
  moved:
    address: parcels/{number}/moved
    messages:
      ParcelMoved: { $ref: '#/components/messages/ParcelMoved' }
operations:
  tellMoved:
    action: send
    summary: Tell that a parcel moved.
    channel: { $ref: '#/channels/moved' }
  hearMoved:
    action: receive
    channel: { $ref: '#/channels/moved' }
    messages: [{ $ref: '#/channels/moved/messages/ParcelMoved' }]
components:
  messages:
    ParcelMoved:
      payload:
        schemaFormat: application/vnd.aai.asyncapi;version=3.0.0
        schema: { type: object, properties: { number: { type: string } } }
"""
GRAPHQL = '''# Parcels 1.2
"""Parcels on their way."""
schema { query: Root mutation: Mutation }

"A point in time."
scalar Instant

type Root {
  "The parcel of that number."
  parcel("On the label." number: ID!): Parcel
  parcels(first: Int = 10, after: String): [Parcel!]! @deprecated(reason: "Use search.")
}
type Mutation { redirect(input: Redirection!): Parcel! }
interface Node { id: ID! }
"""
A thing that is on its way. **Bold** <script>alert(1)</script>
"""
type Parcel implements Node { id: ID! "Where it is." town: String moved: [Instant!] }
input Redirection { number: ID!, town: String! }
enum Speed { "Tomorrow." FAST SLOW }
union Thing = Parcel
directive @personal(depth: Int) on FIELD_DEFINITION
extend type Root { now: Instant! }
'''
PROTO = """
// Parcels on their way.
syntax = "proto3";
package kestrel.parcels.v2;
import "google/protobuf/timestamp.proto";
option java_package = "example.kestrel";

/* Where parcels are. */
service Tracking {
  option deprecated = true;
  // Find one parcel.
  rpc Find (FindRequest) returns (Parcel) {
    option (google.api.http) = { get: "/v2/{number}" };
  }
  rpc Follow(stream FindRequest) returns (stream Parcel);
}
message FindRequest { string number = 1; }
// One parcel.
message Parcel {
  message Place { string town = 1; }
  enum Speed { UNKNOWN = 0; FAST = 1 [deprecated = true]; }
  reserved 9, 10 to 12;
  // On the label.
  string number = 1;
  repeated Place places = 2 [packed = false];
  map<string, int32> weights = 3;
  optional google.protobuf.Timestamp moved = 4;
  oneof owner { string person = 5; string company = 6; }
  Speed message = 7;
}
"""
