// A server of tus 1.0 in memory, to be broken as a test likes: `breaks(request)` may return an answer of its own, or throw.
export class TusServer {
  uploads = new Map();
  requests = [];
  breaks = () => undefined;
  #last = 100;

  fetch = async (path, { method, headers, body, signal }) => {
    signal?.throwIfAborted();
    const id = Number(path.split("/")[3]) || null;
    const request = { method, id, headers, bytes: body ? new Uint8Array(await body.arrayBuffer()) : null };
    this.requests.push(request);
    return (await this.breaks(request, signal)) || this.answer(request);
  };

  answer({ method, id, headers, bytes }) {
    if (method === "POST") return this.#begin(headers);
    const upload = this.uploads.get(id);
    if (!upload) return refusal(404, "no_such_upload", method);
    if (method === "DELETE") this.uploads.delete(id);
    if (method === "PATCH") {
      if (Number(headers["Upload-Offset"]) !== upload.bytes.length) return refusal(409, "wrong_offset");
      upload.bytes = upload.bytes.concat([...bytes]);
    }
    return new Response(null, {
      status: method === "HEAD" ? 200 : 204,
      headers: { "Upload-Offset": upload.bytes.length },
    });
  }

  #begin(headers) {
    const pairs = headers["Upload-Metadata"].split(",").map((pair) => pair.split(" "));
    const said = Object.fromEntries(pairs.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
    const first = [...this.uploads].find(([, one]) => one.said.client_id === said.client_id);
    if (!first) this.#last += 1;
    const id = first ? first[0] : this.#last;
    if (!first) this.uploads.set(id, { said, size: Number(headers["Upload-Length"]), bytes: [] });
    const offset = this.uploads.get(id).bytes.length;
    return new Response(JSON.stringify({ id }), {
      status: 201,
      headers: { Location: `/backend/uploads/${id}`, "Upload-Offset": offset },
    });
  }

  /** How often each method was asked for. */
  count(method) {
    return this.requests.filter((one) => one.method === method).length;
  }
}

export const refusal = (status, code, method = "POST", headers = {}) =>
  new Response(method === "HEAD" ? null : JSON.stringify({ code }), { status, headers });
