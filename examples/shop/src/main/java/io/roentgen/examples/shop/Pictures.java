// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.grpc.ActiveSpan;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;

/**
 * Pictures of watches, drawn here: one for each product, and one that stands for what is not there.
 * Safe for use by several threads.
 */
final class Pictures {
  static final int DEFAULT_SIDE = 400;
  static final int MAX_SIDE = 2_000;

  private static final String PRODUCT = "product-";
  private static final int SIDE = 800;

  /** The originals, which are few. */
  private final Map<String, BufferedImage> drawn = new ConcurrentHashMap<>();

  static {
    // Nobody looks at a screen of this process, and many machines have none.
    System.setProperty("java.awt.headless", "true");
    // Or each picture would go through a file.
    ImageIO.setUseCache(false);
  }

  /** Whether a picture has colours. */
  enum Tone {
    COLOUR,
    GREYSCALE
  }

  /**
   * Returns a picture as JPEG; if there is none of that name, one that shows so.
   *
   * @param name such as {@code product-6464865908071}
   * @param width in pixels; less than 1 stands for {@value #DEFAULT_SIDE}, more than {@value
   *     #MAX_SIDE} for that
   */
  byte[] jpeg(String name, int width, int height, Tone tone) {
    BufferedImage original =
        Products.ALL.stream().anyMatch(product -> name.equals(PRODUCT + product.getId()))
            ? drawn.computeIfAbsent(name, Pictures::watch)
            : drawn.computeIfAbsent("", key -> missing());
    ActiveSpan span = ActiveSpan.current().startChild("ImageResize");
    try {
      return encode(resized(original, side(width), side(height), tone));
    } catch (IOException e) {
      span.recordException(e);
      throw new IllegalStateException("cannot write a JPEG into memory", e);
    } finally {
      span.end();
    }
  }

  private static int side(int asked) {
    return asked < 1 ? DEFAULT_SIDE : Math.min(asked, MAX_SIDE);
  }

  private static BufferedImage resized(BufferedImage from, int width, int height, Tone tone) {
    BufferedImage to =
        new BufferedImage(
            width,
            height,
            tone == Tone.GREYSCALE ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = to.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(from, 0, 0, width, height, null);
    graphics.dispose();
    return to;
  }

  private static byte[] encode(BufferedImage image) throws IOException {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream(16 * 1024);
    if (!ImageIO.write(image, "jpg", jpeg)) {
      throw new IOException("this Java has no writer of JPEG");
    }
    return jpeg.toByteArray();
  }

  private static Graphics2D begin(BufferedImage image, Color background) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(background);
    graphics.fillRect(0, 0, SIDE, SIDE);
    return graphics;
  }

  /**
   * Draws the watch of a product, whose colours and time come of its id. No text: it needs fonts.
   */
  private static BufferedImage watch(String name) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    int hash = name.hashCode() * 0x9E3779B9;
    float hue = (hash >>> 8 & 0xff) / 256f;
    Graphics2D graphics = begin(image, new Color(246, 246, 243));
    graphics.setColor(Color.getHSBColor(hue, 0.35f, 0.35f));
    graphics.fillRoundRect(300, -40, 200, 880, 40, 40);
    graphics.setColor(Color.getHSBColor(hue, 0.15f, 0.75f));
    graphics.fillOval(170, 170, 460, 460);
    graphics.setColor(Color.getHSBColor(hue + 0.5f, 0.25f, (hash & 1) == 0 ? 0.2f : 0.95f));
    graphics.fillOval(200, 200, 400, 400);
    graphics.setColor((hash & 1) == 0 ? Color.WHITE : Color.DARK_GRAY);
    graphics.setStroke(new BasicStroke(8, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    for (int hour = 0; hour < 12; hour++) {
      hand(graphics, hour / 12.0, 165, 185);
    }
    graphics.setStroke(new BasicStroke(14, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    hand(graphics, (hash >>> 16 & 0xff) / 256.0, 0, 100);
    graphics.setStroke(new BasicStroke(8, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    hand(graphics, (hash >>> 24) / 256.0, 0, 150);
    graphics.fillOval(388, 388, 24, 24);
    graphics.dispose();
    return image;
  }

  /** Draws from one distance to another from the middle, at a part of the full turn. */
  private static void hand(Graphics2D graphics, double turn, int from, int to) {
    double x = Math.sin(turn * 2 * Math.PI);
    double y = -Math.cos(turn * 2 * Math.PI);
    int middle = SIDE / 2;
    graphics.drawLine(
        (int) (middle + x * from),
        (int) (middle + y * from),
        (int) (middle + x * to),
        (int) (middle + y * to));
  }

  private static BufferedImage missing() {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = begin(image, new Color(232, 232, 232));
    graphics.setColor(new Color(150, 150, 150));
    graphics.setStroke(new BasicStroke(16));
    graphics.drawOval(250, 250, 300, 300);
    graphics.drawLine(300, 500, 500, 300);
    graphics.dispose();
    return image;
  }
}
