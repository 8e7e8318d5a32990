// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.examples.shop.v1.Product;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PicturesTest {
  private final Pictures pictures = new Pictures();

  private static BufferedImage read(byte[] jpeg) throws Exception {
    return ImageIO.read(new ByteArrayInputStream(jpeg));
  }

  @Test
  void jpeg_eachProduct_hasAPictureOfItsOwn() {
    Set<Integer> seen = new HashSet<>();
    for (Product product : Products.ALL) {
      seen.add(
          Arrays.hashCode(
              pictures.jpeg("product-" + product.getId(), 64, 64, Pictures.Tone.COLOUR)));
    }
    seen.add(Arrays.hashCode(pictures.jpeg("product-0", 64, 64, Pictures.Tone.COLOUR)));

    assertThat(seen).hasSize(10);
  }

  @Test
  void jpeg_size_isAsAsked_within2000() throws Exception {
    BufferedImage small =
        read(pictures.jpeg("product-" + Products.FEATURED, 30, 20, Pictures.Tone.COLOUR));
    assertThat(small.getWidth()).isEqualTo(30);
    assertThat(small.getHeight()).isEqualTo(20);
    BufferedImage wide = read(pictures.jpeg("", 9_999, 0, Pictures.Tone.COLOUR));
    assertThat(wide.getWidth()).isEqualTo(2_000);
    assertThat(wide.getHeight()).isEqualTo(400);
  }

  @Test
  void jpeg_greyscale_hasOneBand() throws Exception {
    BufferedImage grey =
        read(pictures.jpeg("product-" + Products.FEATURED, 30, 20, Pictures.Tone.GREYSCALE));

    assertThat(grey.getRaster().getNumBands()).isEqualTo(1);
  }
}
