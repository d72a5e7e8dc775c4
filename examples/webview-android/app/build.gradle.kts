plugins {
    id("com.android.application")
}

android {
    namespace = "com.example.webview"
    compileSdk = 36

    defaultConfig {
        applicationId = "com.example.webview"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "1.0"
    }

    // The page and, in its folder `model`, the bundle.
    sourceSets["main"].assets.directories.add("../../webview-page")

    androidResources {
        // These files are stored uncompressed, so they are not decompressed at every load.
        noCompress += listOf("wasm", "bin")
    }
}

dependencies {
    implementation("androidx.webkit:webkit:1.13.0")
}
