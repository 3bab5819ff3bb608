package io.crmwebhooks;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests that share one running pipeline, and call its API. */
abstract class OnePipeline {
  static PipelineFixture pipeline;
  static ApiClient api;

  @BeforeAll
  static void startPipeline() {
    pipeline = new PipelineFixture().start();
    api = pipeline.api();
  }

  @AfterAll
  static void stopPipeline() {
    pipeline.close();
  }
}
