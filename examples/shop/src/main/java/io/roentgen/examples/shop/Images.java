// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.GetImageRequest;
import io.roentgen.examples.shop.v1.Image;
import io.roentgen.examples.shop.v1.ImageServiceGrpc;

/** Pictures of what is sold. */
final class Images extends ImageServiceGrpc.ImageServiceImplBase {
  private final Pictures pictures = new Pictures();

  @Override
  public void getImage(GetImageRequest request, StreamObserver<Image> responses) {
    byte[] jpeg =
        pictures.jpeg(
            request.getName(),
            request.getWidth(),
            request.getHeight(),
            request.getFilter() == GetImageRequest.Filter.FILTER_GREYSCALE
                ? Pictures.Tone.GREYSCALE
                : Pictures.Tone.COLOUR);
    responses.onNext(Image.newBuilder().setJpeg(ByteString.copyFrom(jpeg)).build());
    responses.onCompleted();
  }
}
